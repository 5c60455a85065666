//! English, and the list of all texts: each other language has a text for each of them, or does not
//! compile.
//!
//! `{provider}`, `{user}` and `{reference}` are replaced, and may stand anywhere in a text.

super::texts! {
    SignInWith => "Sign in with {provider}";
    Connect => "Connect {provider}";
    LastUsed => "Last used";
    TryAgain => "Try again";
    Continue => "Continue";
    Stay => "Stay here";
    Home => "Go to the home page";
    SignOut => "Sign out";
    SignInAgain => "Sign in again";
    SignIn => "Sign in";
    ServiceSays => "The sign-in service says:";
    Reference => "Reference: {reference}";
    SignInTitle => "Please sign in";
    SignInText => "You need to sign in to see this page.";
    ConnectionNeeded =>
        "This page needs your {provider} account, which is not connected or no longer gives \
         access.";
    SignInAgainTitle => "Sign in again?";
    SignInAgainText =>
        "You are already signed in as {user}. If you continue, your current session ends, and you \
         sign in again with {provider}.";
    ConnectTitle => "Connect {provider}?";
    ConnectText => "You are signed in as {user}. You will be redirected to {provider}.";
    ConnectForAccess =>
        "This site will then be able to use the account that you choose there on your behalf.";
    ConnectForSignIn =>
        "The account that you choose there will be able to sign in here as this user.";
    InitiatedTitle => "Sign in?";
    InitiatedText => "Another site asks you to sign in here with {provider}.";
    InitiatedReplaces =>
        "You are already signed in. If you continue, your current session ends, and you may be \
         signed in as a different user.";
    SignOutTitle => "Sign out?";
    SignOutText => "You will be signed out of this site.";
    SignedOutTitle => "You are signed out";
    SignedOutText => "You can close this page now.";
    SignOutUnstoredTitle => "Not signed out everywhere";
    SignOutUnstoredText =>
        "This browser is signed out. However, the server could not record it: a copy of your \
         session elsewhere may work until the server has recorded it, or until the session \
         expires. The server keeps trying.";
    ReturningTitle => "One moment";
    ReturningText => "You are being returned to this site. If nothing happens, please continue.";
    AccessRefusedTitle => "More access was not granted";
    AccessNeededTitle => "More access is needed";
    FailureTitle => "Something went wrong";
    InteractionTitle => "More is needed to sign in";
    CancelledTitle => "Sign-in was cancelled";
    ApiFailureTitle => "Unexpected response";
    LogoutResponseTitle => "Sign-out not confirmed";
    RefusedTitle => "Request refused";
    LogoutFailedTitle => "Sign-out failed";
    UnavailableTitle => "Service unavailable";
    SignInFailedTitle => "Sign-in failed";
    InteractionText =>
        "The sign-in service needs something from you first, such as your password or your \
         consent. Please try again.";
    CancelledText => "You cancelled the sign-in, or access was not granted. Nothing has changed.";
    AccessRefusedText =>
        "This page needs more access than the sign-in service has granted. Asking again would not \
         help; the operator of this site can find the reason in the log. It needs:";
    AccessNeededText =>
        "This page needs more access than you have granted. If you continue, you will be asked \
         for it and then return here:";
    AccessEnded => "Your access has ended. Please sign in again.";
    StoreUnavailable => "This site cannot reach its own storage. Please try again in a minute.";
    Starting => "This site is starting. Please try again in a minute.";
    ApiFailureText =>
        "The service that this page uses sent an invalid response. The operator of this site can \
         find the reason in the log.";
    ServiceUnavailable =>
        "The sign-in service is not available at the moment. Please try again in a minute.";
    ServiceFailure =>
        "The sign-in service sent an invalid response. The operator of this site can find the \
         reason in the log.";
    FailureText => "Something is wrong on this site. Its operator can find the reason in the log.";
    NoPendingLogin =>
        "This sign-in was not started in this browser, or your browser did not keep its cookie. \
         Please start again, and allow cookies for this site.";
    Expired => "This sign-in took too long. Please start again.";
    Replayed =>
        "This sign-in has already been completed. If you are not signed in, please start again.";
    UnknownProvider => "Unknown sign-in provider.";
    OtherSession =>
        "You started to connect this account in a different session. Nothing has changed. Please \
         start again.";
    OtherPurpose =>
        "The response of the sign-in service does not belong on this page. Please start again.";
    TooManyAccounts =>
        "You have connected the maximum number of accounts. Please disconnect one first.";
    InvalidInitiatedLogin =>
        "Another site asked for a sign-in here, but its request was not valid. Nothing has \
         changed.";
    CrossSite => "This request came from another site, so it was not carried out.";
    AlreadySignedIn => "You are already signed in.";
    EndedAtProvider => "The sign-in service ended your session there during this sign-in. Please sign in again.";
    NotAVisit => "This page can only be opened directly in a tab. Nothing has changed.";
    LogoutResponse =>
        "This link belongs to a sign-out that was not started in this browser. Nothing has \
         changed.";
    ForeignResponse =>
        "The response of the sign-in service does not belong to a sign-in that you started here. \
         Please start again.";
}
