//! The profiles of providers for developers and teams.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Flag, Number, Text};

user_info! {
    /// The profile of GitHub. <https://docs.github.com/en/rest/users/users#get-the-authenticated-user>
    GitHub {
        "The identifier." id: u64,
        "The identifier of the node in the GraphQL API." node_id: Text,
        "The login name, which can change." login: Text,
        "The full name." name: Text,
        "The address of the public profile." email: Text,
        "The address of notifications." notification_email: Text,
        "The URL of the picture." avatar_url: Text,
        "The identifier at Gravatar; usually empty." gravatar_id: Text,
        "The URL of the profile page." html_url: Text,
        "The URL of the profile in the API." url: Text,
        "`User` or `Organization`." r#type: Text,
        "Which view this is: `private` or `public`." user_view_type: Text,
        "Whether the user is a member of GitHub's staff." site_admin: Flag,
        "The company." company: Text,
        "The URL of the website." blog: Text,
        "The location." location: Text,
        "Whether the user is looking for work." hireable: Flag,
        "The text about the user." bio: Text,
        "The user name on X." twitter_username: Text,
        "The number of public repositories." public_repos: Number,
        "The number of public gists." public_gists: Number,
        "The number of followers." followers: Number,
        "The number of followed users." following: Number,
        "The creation of the account, as a date." created_at: Text,
        "The last change, as a date." updated_at: Text,
        "The number of private gists." private_gists: Number,
        "The number of private repositories." total_private_repos: Number,
        "The number of private repositories of the user's own." owned_private_repos: Number,
        "The used space in kilobytes." disk_usage: Number,
        "The number of collaborators." collaborators: Number,
        "Whether two-factor authentication is on." two_factor_authentication: Flag,
        "The plan." plan: Option<Value>,
    }

    /// The claims of GitLab. <https://docs.gitlab.com/integration/openid_connect_provider/#shared-information>
    GitLab {
        "The identifier." sub: String,
        "The identifier of earlier versions." sub_legacy: Text,
        "The full name." name: Text,
        "The login name, which can change." nickname: Text,
        "The login name, which can change." preferred_username: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The URL of the website." website: Text,
        "The URL of the profile page." profile: Text,
        "The URL of the picture." picture: Text,
        "The paths of the groups." groups: Option<Vec<String>>,
        "The paths of the direct groups, only in the ID token." groups_direct: Option<Vec<String>>,
    }

    /// The profile of Bitbucket. <https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/>
    Bitbucket {
        "The identifier, in braces." uuid: String,
        "The identifier of the Atlassian account." account_id: Text,
        "The name to show." display_name: Text,
        "The nickname, which can change." nickname: Text,
        "The user name, which can change." username: Text,
        "The status of the account." account_status: Text,
        "The creation of the account, as a date." created_on: Text,
        "The location." location: Text,
        "The URL of the website." website: Text,
        "Whether the user is a member of the staff." is_staff: Flag,
        "Whether two-step verification is on." has_2fa_enabled: Flag,
        "`user`." r#type: Text,
        "Links: each name has an object with `href`." links: Option<BTreeMap<String, Value>>,
    }

    /// The profile of Dropbox. <https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account>
    Dropbox {
        "The identifier." account_id: String,
        "The name." name: Option<DropboxName>,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "Whether the account is disabled." disabled: Flag,
        "The language." locale: Text,
        "The referral link." referral_link: Text,
        "Whether there is a paired work account." is_paired: Flag,
        "The kind of account: `{\".tag\": \"basic\"}`." account_type: Option<Value>,
        "The root of the files." root_info: Option<Value>,
        "The URL of the picture." profile_photo_url: Text,
        "The country, in two letters." country: Text,
        "The team, for members of one." team: Option<Value>,
        "The identifier in the team." team_member_id: Text,
    }

    /// The name in a [`Dropbox`] profile.
    DropboxName {
        "The given name." given_name: Text,
        "The family name." surname: Text,
        "The name in the user's language." familiar_name: Text,
        "The name to show." display_name: Text,
        "The initials." abbreviated_name: Text,
    }

    /// The user of the token in Notion: the member `bot.owner.user` of `GET /v1/users/me`.
    /// <https://developers.notion.com/reference/user>
    Notion {
        "The identifier." id: String,
        "`user`." object: Text,
        "`person` or `bot`." r#type: Text,
        "The full name." name: Text,
        "The URL of the picture." avatar_url: Text,
        "The address of a person: `{\"email\": \"…\"}`." person: Option<Value>,
        "The owner and the workspace of a bot." bot: Option<Value>,
    }

    /// The profile of Zoom. <https://developers.zoom.us/docs/api/users/#tag/users/GET/users/{userId}>
    Zoom {
        "The identifier." id: String,
        "The given name." first_name: Text,
        "The family name." last_name: Text,
        "The name to show." display_name: Text,
        "The e-mail address." email: Text,
        "1 if the address is verified." verified: Number,
        "The kind of account: 1 basic, 2 licensed." r#type: Number,
        "The name of the role." role_name: Text,
        "The role." role_id: Option<Value>,
        "The personal meeting ID." pmi: Number,
        "Whether meetings use it." use_pmi: Flag,
        "The URL of the personal meeting." personal_meeting_url: Text,
        "The time zone." timezone: Text,
        "The department." dept: Text,
        "The creation of the account, as a date." created_at: Text,
        "The last login, as a date." last_login_time: Text,
        "The URL of the picture." pic_url: Text,
        "The language." language: Text,
        "The phone number." phone_number: Text,
        "The country of the number." phone_country: Text,
        "`active`, `inactive` or `pending`." status: Text,
        "The job title." job_title: Text,
        "The company." company: Text,
        "The location." location: Text,
        "The manager's address." manager: Text,
        "The pronouns." pronouns: Text,
        "The identifier of the account." account_id: Text,
        "The number of the account." account_number: Number,
        "The cluster of the account." cluster: Text,
        "The identifiers of the groups." group_ids: Option<Vec<String>>,
        "The ways to log in, as numbers." login_types: Option<Vec<i64>>,
        "The address in chats." jid: Text,
    }

    /// The claims of Salesforce. <https://help.salesforce.com/s/articleView?id=sf.remoteaccess_using_userinfo_endpoint.htm&type=5>
    Salesforce {
        "The identifier: a URL with the organization and the user." sub: String,
        "The identifier of the user in the organization." user_id: Text,
        "The organization." organization_id: Text,
        "The login name, which can change." preferred_username: Text,
        "The nickname." nickname: Text,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The time zone." zoneinfo: Text,
        "The language." locale: Text,
        "The language of the interface." language: Text,
        "The URLs of the picture." photos: Option<Value>,
        "The URL of the profile page." profile: Text,
        "The URL of the picture." picture: Text,
        "The URLs of the APIs." urls: Option<BTreeMap<String, String>>,
        "Whether the user is active." active: Flag,
        "The kind of user, such as `STANDARD`." user_type: Text,
        #[serde(rename = "utcOffset")]
        "The difference from UTC, in milliseconds." utc_offset: Number,
        "The phone number." phone_number: Text,
        "Whether the number is verified." phone_number_verified: Flag,
        "The postal address." address: Option<Value>,
        "The last change, as a date." updated_at: Text,
    }
}
