//! The keys whose values have named members.

use crate::attribute::{Fault, Pair, Rest, Value, members};
use crate::key::{Kind, Member};

/// `identity(id = "id", name = "login")`
pub(crate) enum IdentityMembers {}

/// `routes(login = "/login")`
pub(crate) enum RouteMembers {}

impl Value for IdentityMembers {
    type Parsed = Vec<Pair>;
    const KIND: Kind = Kind::Members(IDENTITY);

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Pair>> {
        members(IDENTITY, rest, faults)
    }
}

impl Value for RouteMembers {
    type Parsed = Vec<Pair>;
    const KIND: Kind = Kind::Members(ROUTES);

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Pair>> {
        members(ROUTES, rest, faults)
    }
}

const IDENTITY: &[Member] = &[
    Member { name: "id", misnomers: &["sub", "subject", "uid", "user_id"] },
    Member { name: "name", misnomers: &["display_name", "full_name"] },
    Member { name: "username", misnomers: &["login", "nickname", "preferred_username"] },
    Member { name: "email", misnomers: &["mail", "email_address"] },
    Member { name: "email_verified", misnomers: &["verified", "verified_email"] },
    Member { name: "picture", misnomers: &["avatar", "avatar_url", "image", "photo"] },
];

const ROUTES: &[Member] = &[
    Member { name: "login", misnomers: &["authorize", "sign_in", "signin", "start"] },
    Member {
        name: "callback",
        misnomers: &["authorized", "redirect", "redirect_uri", "redirect_url"],
    },
    Member { name: "logout", misnomers: &["sign_out", "signout"] },
    Member {
        name: "logged_out",
        misnomers: &["post_logout", "post_logout_redirect_uri", "signed_out", "signedout"],
    },
    Member {
        name: "initiate",
        misnomers: &[
            "initiate_login",
            "initiate_login_uri",
            "initiate_login_url",
            "third_party_login",
        ],
    },
    Member {
        name: "backchannel_logout",
        misnomers: &["back_channel_logout", "backchannel_logout_uri", "backchannel_logout_url"],
    },
];
