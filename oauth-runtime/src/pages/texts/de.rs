//! German.

super::language! {
    SignInWith => "Mit {provider} anmelden";
    Connect => "{provider} verbinden";
    LastUsed => "Zuletzt verwendet";
    TryAgain => "Erneut versuchen";
    Continue => "Weiter";
    Stay => "Hier bleiben";
    Home => "Zur Startseite";
    SignOut => "Abmelden";
    SignInAgain => "Erneut anmelden";
    SignIn => "Anmelden";
    ServiceSays => "Der Anmeldedienst meldet:";
    Reference => "Referenz: {reference}";
    SignInTitle => "Bitte melden Sie sich an";
    SignInText => "Sie müssen sich anmelden, um diese Seite zu sehen.";
    ConnectionNeeded =>
        "Diese Seite benötigt Ihr Konto bei {provider}. Es ist nicht verbunden oder gewährt \
         keinen Zugriff mehr.";
    SignInAgainTitle => "Erneut anmelden?";
    SignInAgainText =>
        "Sie sind bereits als {user} angemeldet. Wenn Sie fortfahren, endet Ihre aktuelle \
         Sitzung, und Sie melden sich erneut mit {provider} an.";
    ConnectTitle => "{provider} verbinden?";
    ConnectText => "Sie sind als {user} angemeldet. Sie werden zu {provider} weitergeleitet.";
    ConnectForAccess =>
        "Diese Website kann danach das Konto, das Sie dort auswählen, in Ihrem Namen nutzen.";
    ConnectForSignIn =>
        "Mit dem Konto, das Sie dort auswählen, kann man sich danach hier als dieser Benutzer \
         anmelden.";
    InitiatedTitle => "Anmelden?";
    InitiatedText => "Eine andere Website fordert Sie auf, sich hier mit {provider} anzumelden.";
    InitiatedReplaces =>
        "Sie sind bereits angemeldet. Wenn Sie fortfahren, endet Ihre aktuelle Sitzung, und Sie \
         werden möglicherweise als ein anderer Benutzer angemeldet.";
    SignOutTitle => "Abmelden?";
    SignOutText => "Sie werden von dieser Website abgemeldet.";
    SignedOutTitle => "Sie sind abgemeldet";
    SignedOutText => "Sie können diese Seite jetzt schließen.";
    SignOutUnstoredTitle => "Nicht überall abgemeldet";
    SignOutUnstoredText =>
        "Dieser Browser ist abgemeldet. Der Server konnte dies jedoch nicht speichern: Eine Kopie \
         Ihrer Sitzung an anderer Stelle kann gültig bleiben, bis der Server es gespeichert hat \
         oder die Sitzung abläuft. Der Server versucht es weiter.";
    ReturningTitle => "Einen Moment";
    ReturningText =>
        "Sie werden zu dieser Website zurückgeleitet. Wenn nichts geschieht, fahren Sie bitte \
         fort.";
    AccessRefusedTitle => "Weiterer Zugriff wurde nicht gewährt";
    AccessNeededTitle => "Weiterer Zugriff wird benötigt";
    FailureTitle => "Etwas ist schiefgegangen";
    InteractionTitle => "Für die Anmeldung fehlt noch etwas";
    CancelledTitle => "Die Anmeldung wurde abgebrochen";
    ApiFailureTitle => "Unerwartete Antwort";
    LogoutResponseTitle => "Abmeldung nicht bestätigt";
    RefusedTitle => "Anfrage abgelehnt";
    LogoutFailedTitle => "Abmeldung fehlgeschlagen";
    UnavailableTitle => "Dienst nicht verfügbar";
    SignInFailedTitle => "Anmeldung fehlgeschlagen";
    InteractionText =>
        "Der Anmeldedienst benötigt zuerst etwas von Ihnen, zum Beispiel Ihr Passwort oder Ihre \
         Zustimmung. Bitte versuchen Sie es erneut.";
    CancelledText =>
        "Sie haben die Anmeldung abgebrochen, oder der Zugriff wurde nicht gewährt. Es wurde \
         nichts geändert.";
    AccessRefusedText =>
        "Diese Seite benötigt mehr Zugriff, als der Anmeldedienst gewährt hat. Eine erneute \
         Anfrage würde nicht helfen; der Betreiber dieser Website findet den Grund im Protokoll. \
         Benötigt wird:";
    AccessNeededText =>
        "Diese Seite benötigt mehr Zugriff, als Sie gewährt haben. Wenn Sie fortfahren, werden \
         Sie danach gefragt und kehren dann hierher zurück:";
    AccessEnded => "Ihr Zugriff ist abgelaufen. Bitte melden Sie sich erneut an.";
    StoreUnavailable =>
        "Diese Website kann ihren eigenen Speicher nicht erreichen. Bitte versuchen Sie es in \
         einer Minute erneut.";
    Starting => "Diese Website startet gerade. Bitte versuchen Sie es in einer Minute erneut.";
    ApiFailureText =>
        "Der Dienst, den diese Seite nutzt, hat eine ungültige Antwort gesendet. Der Betreiber \
         dieser Website findet den Grund im Protokoll.";
    ServiceUnavailable =>
        "Der Anmeldedienst ist zurzeit nicht verfügbar. Bitte versuchen Sie es in einer Minute \
         erneut.";
    ServiceFailure =>
        "Der Anmeldedienst hat eine ungültige Antwort gesendet. Der Betreiber dieser Website \
         findet den Grund im Protokoll.";
    FailureText =>
        "Auf dieser Website ist ein Fehler aufgetreten. Der Betreiber findet den Grund im \
         Protokoll.";
    NoPendingLogin =>
        "Diese Anmeldung wurde nicht in diesem Browser begonnen, oder Ihr Browser hat das \
         zugehörige Cookie nicht behalten. Bitte beginnen Sie erneut, und erlauben Sie Cookies \
         für diese Website.";
    Expired => "Diese Anmeldung hat zu lange gedauert. Bitte beginnen Sie erneut.";
    Replayed =>
        "Diese Anmeldung wurde bereits abgeschlossen. Wenn Sie nicht angemeldet sind, beginnen \
         Sie bitte erneut.";
    UnknownProvider => "Unbekannter Anmeldedienst.";
    OtherSession =>
        "Sie haben in einer anderen Sitzung begonnen, dieses Konto zu verbinden. Es wurde nichts \
         geändert. Bitte beginnen Sie erneut.";
    OtherPurpose =>
        "Die Antwort des Anmeldedienstes gehört nicht zu dieser Seite. Bitte beginnen Sie erneut.";
    TooManyAccounts =>
        "Sie haben die maximale Anzahl an Konten verbunden. Bitte trennen Sie zuerst eines.";
    InvalidInitiatedLogin =>
        "Eine andere Website hat hier eine Anmeldung angefordert, aber die Anfrage war ungültig. \
         Es wurde nichts geändert.";
    CrossSite => "Diese Anfrage kam von einer anderen Website und wurde deshalb nicht ausgeführt.";
    AlreadySignedIn => "Sie sind bereits angemeldet.";
    EndedAtProvider => "Der Anmeldedienst hat Ihre dortige Sitzung während dieser Anmeldung beendet. Bitte melden Sie sich erneut an.";
    NotAVisit =>
        "Diese Seite kann nur direkt in einem Tab geöffnet werden. Es wurde nichts geändert.";
    LogoutResponse =>
        "Dieser Link gehört zu einer Abmeldung, die nicht in diesem Browser begonnen wurde. Es \
         wurde nichts geändert.";
    ForeignResponse =>
        "Die Antwort des Anmeldedienstes gehört nicht zu einer Anmeldung, die Sie hier begonnen \
         haben. Bitte beginnen Sie erneut.";
}
