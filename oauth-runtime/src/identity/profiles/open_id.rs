//! The claims of OpenID Connect providers.

use serde_json::Value;

use super::{Flag, Number, Text};

user_info! {
    /// The claims of Google. <https://developers.google.com/identity/openid-connect/openid-connect>
    Google {
        "The identifier, at most 255 characters." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The URL of the picture." picture: Text,
        "The URL of the profile page." profile: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The language, such as `en`." locale: Text,
        "The Workspace domain of the account." hd: Text,
    }

    /// The claims of Microsoft Entra ID and of personal accounts.
    /// <https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference>
    Microsoft {
        "The identifier, which differs between apps." sub: String,
        "The identifier of the object, the same for all apps." oid: Text,
        "The tenant." tid: Text,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The login name, which can change." preferred_username: Text,
        "The user principal name, which can change." upn: Text,
        "The e-mail address, which an administrator can set to any value." email: Text,
        "Whether the owner of the domain of `email` is verified." xms_edov: Option<Value>,
        "A hint for further logins." login_hint: Text,
        "The identifiers of the groups." groups: Option<Vec<String>>,
        "The roles of the app." roles: Option<Vec<String>>,
        "The identity provider of a guest." idp: Text,
        "The account: 0 for a member of the tenant, 1 for a guest." acct: Number,
        "The URL of the picture, which needs a token." picture: Text,
    }

    /// The claims of Apple, which are only in the ID token: declare `claims = user_info::Apple`.
    /// <https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple>
    Apple {
        "The identifier, the same for all apps of a team." sub: String,
        "The e-mail address, which may be a relay address." email: Text,
        "Whether the address is verified: a Boolean or a string." email_verified: Option<Value>,
        "Whether it is a relay address: a Boolean or a string." is_private_email: Option<Value>,
        "0: unsupported, 1: unknown, 2: likely a real person." real_user_status: Number,
        "The identifier at the transfer of an app to another team." transfer_sub: Text,
        "Whether the nonce is supported." nonce_supported: Flag,
    }

    /// The claims of Okta. <https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/>
    Okta {
        "The identifier." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The middle name." middle_name: Text,
        "The family name." family_name: Text,
        "The nickname." nickname: Text,
        "The login name, which can change." preferred_username: Text,
        "The URL of the profile page." profile: Text,
        "The URL of the picture." picture: Text,
        "The URL of the website." website: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The gender." gender: Text,
        "The birthday, as `1815-12-10`." birthdate: Text,
        "The time zone, such as `Europe/London`." zoneinfo: Text,
        "The language, such as `en-GB`." locale: Text,
        "The phone number." phone_number: Text,
        "Whether the number is verified." phone_number_verified: Flag,
        "The postal address." address: Option<Value>,
        "The last change, in seconds since 1970." updated_at: Number,
        "The groups, if the authorization server adds them." groups: Option<Vec<String>>,
    }

    /// The claims of Auth0. <https://auth0.com/docs/api/authentication/user-profile/get-user-info>
    Auth0 {
        "The identifier, with the connection: `auth0|507f1f77bcf86cd799439011`." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The middle name." middle_name: Text,
        "The nickname." nickname: Text,
        "The login name, which can change." preferred_username: Text,
        "The URL of the profile page." profile: Text,
        "The URL of the picture." picture: Text,
        "The URL of the website." website: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The gender." gender: Text,
        "The birthday." birthdate: Text,
        "The time zone." zoneinfo: Text,
        "The language." locale: Text,
        "The phone number." phone_number: Text,
        "Whether the number is verified." phone_number_verified: Flag,
        "The postal address." address: Option<Value>,
        "The last change: a date, or seconds since 1970." updated_at: Option<Value>,
    }

    /// The claims of Keycloak. <https://www.keycloak.org/docs/latest/server_admin/#_oidc_token_categories>
    Keycloak {
        "The identifier." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The login name, which can change." preferred_username: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The URL of the picture." picture: Text,
        "The language." locale: Text,
        "The phone number." phone_number: Text,
        "Whether the number is verified." phone_number_verified: Flag,
        "The postal address." address: Option<Value>,
        "The groups, if a mapper adds them." groups: Option<Vec<String>>,
        "The roles of the realm: `{\"roles\": […]}`." realm_access: Option<Value>,
        "The roles of clients, by client." resource_access: Option<Value>,
        "The organizations of the user." organization: Option<Value>,
    }

    /// The profile of Login with Amazon. <https://developer.amazon.com/docs/login-with-amazon/obtain-customer-profile.html>
    Amazon {
        "The identifier: `amzn1.account.K2LI23KL2LK2`." user_id: String,
        "The full name." name: Text,
        "The e-mail address." email: Text,
        "The postal code, with the scope `postal_code`." postal_code: Text,
    }

    /// The claims of Yahoo. <https://developer.yahoo.com/oauth2/guide/openid_connect/decode_id_token.html>
    Yahoo {
        "The identifier." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The nickname." nickname: Text,
        "The gender." gender: Text,
        "The language." locale: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The year of birth." birthdate: Text,
        "The URL of the picture." picture: Text,
        "The URLs of the picture in other sizes." profile_images: Option<Value>,
    }

    /// The claims of LinkedIn. <https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2>
    LinkedIn {
        "The identifier, which differs between apps." sub: String,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The URL of the picture." picture: Text,
        "The language: a string, or an object with country and language." locale: Option<Value>,
        "The e-mail address." email: Text,
        "Whether the address is verified: a Boolean or a string." email_verified: Option<Value>,
    }

    /// The claims of LINE. <https://developers.line.biz/en/reference/line-login/#userinfo>
    Line {
        "The identifier, the same for all channels of a provider." sub: String,
        "The display name." name: Text,
        "The URL of the picture." picture: Text,
        "The e-mail address, only in the ID token." email: Text,
    }

    /// The claims of Twitch. <https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/>
    Twitch {
        "The identifier." sub: String,
        "The display name." preferred_username: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The URL of the picture." picture: Text,
        "The last change, as a date." updated_at: Text,
    }

    /// The claims of Slack. <https://api.slack.com/methods/openid.connect.userInfo>
    Slack {
        "The identifier, unique within the workspace." sub: String,
        #[serde(rename = "https://slack.com/user_id")]
        "The user, the same as `sub`." user_id: Text,
        #[serde(rename = "https://slack.com/team_id")]
        "The workspace." team_id: Text,
        #[serde(rename = "https://slack.com/enterprise_id")]
        "The organization of the workspace." enterprise_id: Text,
        #[serde(rename = "https://slack.com/enterprise_name")]
        "The name of the organization." enterprise_name: Text,
        #[serde(rename = "https://slack.com/enterprise_domain")]
        "The domain of the organization." enterprise_domain: Text,
        #[serde(rename = "https://slack.com/team_name")]
        "The name of the workspace." team_name: Text,
        #[serde(rename = "https://slack.com/team_domain")]
        "The subdomain of the workspace." team_domain: Text,
        #[serde(rename = "https://slack.com/user_image_512")]
        "The URL of the picture, 512 pixels wide." user_image_512: Text,
        #[serde(rename = "https://slack.com/team_image_230")]
        "The URL of the workspace's picture, 230 pixels wide." team_image_230: Text,
        #[serde(rename = "https://slack.com/team_image_default")]
        "Whether that picture is the default." team_image_default: Flag,
        "The full name." name: Text,
        "The given name." given_name: Text,
        "The family name." family_name: Text,
        "The language." locale: Text,
        "The URL of the picture." picture: Text,
        "The e-mail address." email: Text,
        "Whether the address is verified." email_verified: Flag,
        "The verification of the address, in seconds since 1970." date_email_verified: Number,
    }
}
