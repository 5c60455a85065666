//! The profiles of communities and media.

use serde_json::Value;

use super::{Flag, Number, Text};

user_info! {
    /// The profile of Discord. <https://discord.com/developers/docs/resources/user#user-object>
    Discord {
        "The identifier." id: String,
        "The user name, which can change." username: Text,
        "The tag of an old user name; `0` for others." discriminator: Text,
        "The name to show." global_name: Text,
        "The hash of the picture, `https://cdn.discordapp.com/avatars/{id}/{avatar}.png`." avatar: Text,
        "Whether it is a bot." bot: Flag,
        "Whether it is a user of Discord itself." system: Flag,
        "Whether two-factor authentication is on." mfa_enabled: Flag,
        "The hash of the banner." banner: Text,
        "The colour of the banner." accent_color: Number,
        "The language." locale: Text,
        "Whether the address is verified." verified: Flag,
        "The e-mail address." email: Text,
        "The flags of the account." flags: Number,
        "The subscription: 0 is none." premium_type: Number,
        "The public flags of the account." public_flags: Number,
        "The decoration of the picture." avatar_decoration_data: Option<Value>,
        "The collectibles of the user." collectibles: Option<Value>,
        "The guild whose tag the user shows." primary_guild: Option<Value>,
    }

    /// The profile of Facebook, with the members that the preset asks for and others that can be.
    /// <https://developers.facebook.com/docs/graph-api/reference/user/>
    Facebook {
        "The identifier, which differs between apps." id: String,
        "The full name." name: Text,
        "The given name." first_name: Text,
        "The middle name." middle_name: Text,
        "The family name." last_name: Text,
        "The name in the order of the user's language." name_format: Text,
        "The short name." short_name: Text,
        "The e-mail address." email: Text,
        "The picture: `{\"data\": {\"url\": \"…\"}}`." picture: Option<Value>,
        "The birthday." birthday: Text,
        "The gender." gender: Text,
        "The URL of the profile page." link: Text,
        "The home town." hometown: Option<Value>,
        "The location." location: Option<Value>,
        "The age range." age_range: Option<Value>,
        "The spoken languages." languages: Option<Value>,
    }

    /// The profile of X: the member `data` of `GET /2/users/me`.
    /// <https://docs.x.com/x-api/users/get-my-user>
    X {
        "The identifier." id: String,
        "The name to show." name: Text,
        "The user name, which can change." username: Text,
        "The creation of the account, as a date." created_at: Text,
        "The text about the user." description: Text,
        "The links in the texts." entities: Option<Value>,
        "The location." location: Text,
        "The pinned post." pinned_tweet_id: Text,
        "The URL of the picture." profile_image_url: Text,
        "The URL of the banner." profile_banner_url: Text,
        "Whether the posts are protected." protected: Flag,
        "The numbers of followers and posts." public_metrics: Option<Value>,
        "The URL of the website." url: Text,
        "Whether the account has a badge." verified: Flag,
        "The kind of badge." verified_type: Text,
        "The e-mail address, with the scope `users.email`." confirmed_email: Text,
    }

    /// The profile of Spotify. <https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile>
    Spotify {
        "The identifier." id: String,
        "The name to show." display_name: Text,
        "The e-mail address, which is not verified." email: Text,
        "The country, in two letters." country: Text,
        "The subscription, such as `premium`." product: Text,
        "The settings of explicit content." explicit_content: Option<Value>,
        "The URLs of the profile." external_urls: Option<Value>,
        "The number of followers." followers: Option<Value>,
        "The URL of the profile in the API." href: Text,
        "The pictures, each with `url`, `height` and `width`." images: Option<Vec<Value>>,
        "`user`." r#type: Text,
        "The URI of the user." uri: Text,
    }

    /// The profile of Reddit. <https://www.reddit.com/dev/api/#GET_api_v1_me>
    Reddit {
        "The identifier." id: String,
        "The user name." name: Text,
        "The URL of the picture, with HTML entities." icon_img: Text,
        "The URL of the avatar." snoovatar_img: Text,
        "The creation of the account, in seconds since 1970." created_utc: Option<f64>,
        "Whether the user has a verified address." has_verified_email: Flag,
        "Whether the user has a subscription." is_gold: Flag,
        "Whether the user is a moderator." is_mod: Flag,
        "Whether the user is an employee." is_employee: Flag,
        "Whether the user is suspended." is_suspended: Flag,
        "Whether the user is over 18." over_18: Flag,
        "The karma of links." link_karma: Number,
        "The karma of comments." comment_karma: Number,
        "The karma." total_karma: Number,
        "The number of unread messages." inbox_count: Number,
        "The profile as a subreddit." subreddit: Option<Value>,
    }

    /// The profile of Strava. <https://developers.strava.com/docs/reference/#api-models-DetailedAthlete>
    Strava {
        "The identifier." id: u64,
        "The user name, which can change." username: Text,
        "The given name." firstname: Text,
        "The family name." lastname: Text,
        "The text about the user." bio: Text,
        "The city." city: Text,
        "The state." state: Text,
        "The country." country: Text,
        "`M` or `F`." sex: Text,
        "Whether there is a subscription." premium: Flag,
        "Whether there is a subscription." summit: Flag,
        "The creation of the account, as a date." created_at: Text,
        "The last change, as a date." updated_at: Text,
        "The kind of badge." badge_type_id: Number,
        "The weight in kilograms." weight: Option<f64>,
        "The URL of the picture, 62 pixels wide." profile_medium: Text,
        "The URL of the picture, 124 pixels wide." profile: Text,
        "The number of followers." follower_count: Number,
        "The number of followed users." friend_count: Number,
        "The unit of lengths: `feet` or `meters`." measurement_preference: Text,
        "The functional threshold power." ftp: Number,
        "The clubs." clubs: Option<Vec<Value>>,
        "The bikes." bikes: Option<Vec<Value>>,
        "The shoes." shoes: Option<Vec<Value>>,
    }

    /// The profile of Kakao. <https://developers.kakao.com/docs/latest/en/kakaologin/rest-api#req-user-info>
    Kakao {
        "The identifier, which differs between apps." id: i64,
        "Whether the user is connected with the app." has_signed_up: Flag,
        "The connection, as a date." connected_at: Text,
        "The latest sync, as a date." synched_at: Text,
        "The properties of the app." properties: Option<Value>,
        "The account." kakao_account: Option<KakaoAccount>,
        "Partner information." for_partner: Option<Value>,
    }

    /// The account in a [`Kakao`] profile. Each member has another that tells whether the user has
    /// yet to agree.
    KakaoAccount {
        "Whether the user has to agree to the profile." profile_needs_agreement: Flag,
        "The nickname and the picture." profile: Option<KakaoProfile>,
        "Whether the user has to agree to the name." name_needs_agreement: Flag,
        "The full name." name: Text,
        "Whether the user has to agree to the address." email_needs_agreement: Flag,
        "Whether the address is still that of this account." is_email_valid: Flag,
        "Whether the address is verified." is_email_verified: Flag,
        "The e-mail address." email: Text,
        "The age range, such as `20~29`." age_range: Text,
        "The year of birth." birthyear: Text,
        "The birthday, as `1210`." birthday: Text,
        "`SOLAR` or `LUNAR`." birthday_type: Text,
        "`female` or `male`." gender: Text,
        "The phone number." phone_number: Text,
        "The connecting information of Korea." ci: Text,
    }

    /// The nickname and the picture in a [`KakaoAccount`].
    KakaoProfile {
        "The nickname." nickname: Text,
        "The URL of the picture, 640 pixels wide." profile_image_url: Text,
        "The URL of the picture, 110 pixels wide." thumbnail_image_url: Text,
        "Whether the picture is the default." is_default_image: Flag,
        "Whether the nickname is the default." is_default_nickname: Flag,
    }

    /// The profile of Naver: the member `response`. <https://developers.naver.com/docs/login/profile/profile.md>
    Naver {
        "The identifier, which differs between apps." id: String,
        "The nickname." nickname: Text,
        "The full name." name: Text,
        "The e-mail address." email: Text,
        "`F`, `M` or `U`." gender: Text,
        "The age range, such as `20-29`." age: Text,
        "The birthday, as `12-10`." birthday: Text,
        "The year of birth." birthyear: Text,
        "The URL of the picture." profile_image: Text,
        "The mobile phone number." mobile: Text,
        "The mobile phone number in the format of E.164." mobile_e164: Text,
    }

    /// The profile of VK ID: the member `user`. <https://id.vk.com/about/business/go/docs/en/vkid/latest/vk-id/connection/api-description>
    Vk {
        "The identifier." user_id: String,
        "The given name." first_name: Text,
        "The family name." last_name: Text,
        "The phone number." phone: Text,
        "The URL of the picture." avatar: Text,
        "The e-mail address." email: Text,
        "1: female, 2: male." sex: Number,
        "Whether the account has a badge." verified: Flag,
        "The birthday." birthday: Text,
    }

    /// The profile of TikTok: the member `data.user`. <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>
    TikTok {
        "The identifier, which differs between apps." open_id: String,
        "The identifier for all apps of a developer." union_id: Text,
        "The URL of the picture." avatar_url: Text,
        "The URL of the picture, 100 pixels wide." avatar_url_100: Text,
        "The URL of the large picture." avatar_large_url: Text,
        "The name to show." display_name: Text,
        "The text about the user." bio_description: Text,
        "The link to the profile." profile_deep_link: Text,
        "Whether the account has a badge." is_verified: Flag,
        "The user name, which can change." username: Text,
        "The number of followers." follower_count: Number,
        "The number of followed users." following_count: Number,
        "The number of likes." likes_count: Number,
        "The number of videos." video_count: Number,
    }

    /// The profile of WeChat. <https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Authorized_Interface_Calling_UnionID.html>
    WeChat {
        "The identifier, which differs between apps." openid: String,
        "The identifier for all apps of a developer." unionid: Text,
        "The nickname." nickname: Text,
        "1: male, 2: female, 0: unknown." sex: Number,
        "The province." province: Text,
        "The city." city: Text,
        "The country." country: Text,
        "The URL of the picture." headimgurl: Text,
        "The privileges of the user." privilege: Option<Vec<String>>,
        "The language." language: Text,
    }
}
