//! The keys whose values have named members.

use crate::attribute::{Fault, Pair, Rest, Value, add_pairs, members};
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

    fn complete(own: &mut Vec<Pair>, preset: Vec<Pair>) {
        add_pairs(own, preset);
    }
}

impl Value for RouteMembers {
    type Parsed = Vec<Pair>;
    const KIND: Kind = Kind::Members(ROUTES);

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Pair>> {
        members(ROUTES, rest, faults)
    }
}

/// `request_names(client_id = "client_key")`
pub(crate) enum RequestNames {}

/// `response_names(expires_in = "expires")`
pub(crate) enum ResponseNames {}

/// `emails(list = "values")`
pub(crate) enum EmailMembers {}

macro_rules! value_with_members {
    ($($value:ident: $members:ident),+) => {$(
        impl Value for $value {
            type Parsed = Vec<Pair>;
            const KIND: Kind = Kind::Members($members);

            fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Pair>> {
                members($members, rest, faults)
            }
        }
    )+};
}

value_with_members!(
    RequestNames: REQUEST_NAMES,
    ResponseNames: RESPONSE_NAMES,
    EmailMembers: EMAILS
);

/// RFC 6749 sections 4.1.1, 4.1.3 and 6, RFC 7636 section 4.5, RFC 7009 section 2.1.
const REQUEST_NAMES: &[Member] = &[
    Member { name: "client_id", misnomers: &[] },
    Member { name: "client_secret", misnomers: &[] },
    Member { name: "redirect_uri", misnomers: &["redirect_url"] },
    Member { name: "response_type", misnomers: &[] },
    Member { name: "scope", misnomers: &["scopes"] },
    Member { name: "code", misnomers: &[] },
    Member { name: "code_verifier", misnomers: &[] },
    Member { name: "grant_type", misnomers: &[] },
    Member { name: "refresh_token", misnomers: &[] },
    Member { name: "token", misnomers: &[] },
];

/// RFC 6749 sections 4.1.2 and 5.1, OpenID Connect Core 1.0 section 3.1.3.3.
const RESPONSE_NAMES: &[Member] = &[
    Member { name: "code", misnomers: &[] },
    Member { name: "token_type", misnomers: &[] },
    Member { name: "refresh_token", misnomers: &[] },
    Member { name: "expires_in", misnomers: &["expires", "lifetime"] },
    Member { name: "expires_at", misnomers: &[] },
    Member { name: "scope", misnomers: &["scopes"] },
    Member { name: "id_token", misnomers: &[] },
];

const EMAILS: &[Member] = &[
    Member { name: "list", misnomers: &["values", "items"] },
    Member { name: "email", misnomers: &["address", "mail"] },
    Member { name: "verified", misnomers: &["confirmed", "email_verified", "is_verified"] },
    Member { name: "primary", misnomers: &["default", "is_primary"] },
];

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
