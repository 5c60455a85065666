//! French.

super::language! {
    SignInWith => "Se connecter avec {provider}";
    Connect => "Associer {provider}";
    LastUsed => "Dernière utilisation";
    TryAgain => "Réessayer";
    Continue => "Continuer";
    Stay => "Rester ici";
    Home => "Aller à la page d’accueil";
    SignOut => "Se déconnecter";
    SignInAgain => "Se reconnecter";
    SignIn => "Se connecter";
    ServiceSays => "Le service de connexion indique :";
    Reference => "Référence : {reference}";
    SignInTitle => "Veuillez vous connecter";
    SignInText => "Vous devez vous connecter pour voir cette page.";
    ConnectionNeeded =>
        "Cette page a besoin de votre compte {provider}, qui n’est pas associé ou ne donne plus \
         accès.";
    SignInAgainTitle => "Se reconnecter ?";
    SignInAgainText =>
        "Vous êtes déjà connecté en tant que {user}. Si vous continuez, votre session actuelle \
         prendra fin et vous vous reconnecterez avec {provider}.";
    ConnectTitle => "Associer {provider} ?";
    ConnectText =>
        "Vous êtes connecté en tant que {user}. Vous allez être redirigé vers {provider}.";
    ConnectForAccess =>
        "Ce site pourra ensuite utiliser en votre nom le compte que vous y choisirez.";
    ConnectForSignIn =>
        "Le compte que vous y choisirez pourra se connecter ici en tant que cet utilisateur.";
    InitiatedTitle => "Se connecter ?";
    InitiatedText => "Un autre site vous demande de vous connecter ici avec {provider}.";
    InitiatedReplaces =>
        "Vous êtes déjà connecté. Si vous continuez, votre session actuelle prendra fin et vous \
         serez peut-être connecté en tant qu’un autre utilisateur.";
    SignOutTitle => "Se déconnecter ?";
    SignOutText => "Vous allez être déconnecté de ce site.";
    SignedOutTitle => "Vous êtes déconnecté";
    SignedOutText => "Vous pouvez maintenant fermer cette page.";
    SignOutUnstoredTitle => "Déconnexion incomplète";
    SignOutUnstoredText =>
        "Ce navigateur est déconnecté. Cependant, le serveur n’a pas pu l’enregistrer : une copie \
         de votre session ailleurs peut fonctionner jusqu’à ce que le serveur l’ait enregistré ou \
         que la session expire. Le serveur continue d’essayer.";
    ReturningTitle => "Un instant";
    ReturningText => "Vous revenez vers ce site. Si rien ne se passe, veuillez continuer.";
    AccessRefusedTitle => "L’accès supplémentaire n’a pas été accordé";
    AccessNeededTitle => "Un accès supplémentaire est nécessaire";
    FailureTitle => "Une erreur s’est produite";
    InteractionTitle => "Il manque quelque chose pour vous connecter";
    CancelledTitle => "La connexion a été annulée";
    ApiFailureTitle => "Réponse inattendue";
    LogoutResponseTitle => "Déconnexion non confirmée";
    RefusedTitle => "Demande refusée";
    LogoutFailedTitle => "Échec de la déconnexion";
    UnavailableTitle => "Service indisponible";
    SignInFailedTitle => "Échec de la connexion";
    InteractionText =>
        "Le service de connexion a d’abord besoin de quelque chose de votre part, comme votre mot \
         de passe ou votre consentement. Veuillez réessayer.";
    CancelledText =>
        "Vous avez annulé la connexion, ou l’accès n’a pas été accordé. Rien n’a été modifié.";
    AccessRefusedText =>
        "Cette page nécessite plus d’accès que le service de connexion n’en a accordé. Une \
         nouvelle demande ne servirait à rien ; l’exploitant de ce site peut en trouver la raison \
         dans le journal. Il lui faut :";
    AccessNeededText =>
        "Cette page nécessite plus d’accès que vous n’en avez accordé. Si vous continuez, il vous \
         sera demandé, puis vous reviendrez ici :";
    AccessEnded => "Votre accès a pris fin. Veuillez vous reconnecter.";
    StoreUnavailable =>
        "Ce site ne peut pas joindre son propre stockage. Veuillez réessayer dans une minute.";
    Starting => "Ce site est en cours de démarrage. Veuillez réessayer dans une minute.";
    ApiFailureText =>
        "Le service utilisé par cette page a envoyé une réponse non valide. L’exploitant de ce \
         site peut en trouver la raison dans le journal.";
    ServiceUnavailable =>
        "Le service de connexion n’est pas disponible pour le moment. Veuillez réessayer dans une \
         minute.";
    ServiceFailure =>
        "Le service de connexion a envoyé une réponse non valide. L’exploitant de ce site peut en \
         trouver la raison dans le journal.";
    FailureText =>
        "Ce site rencontre un problème. Son exploitant peut en trouver la raison dans le journal.";
    NoPendingLogin =>
        "Cette connexion n’a pas été commencée dans ce navigateur, ou votre navigateur n’a pas \
         conservé son cookie. Veuillez recommencer et autoriser les cookies de ce site.";
    Expired => "Cette connexion a pris trop de temps. Veuillez recommencer.";
    Replayed =>
        "Cette connexion a déjà été effectuée. Si vous n’êtes pas connecté, veuillez recommencer.";
    UnknownProvider => "Fournisseur de connexion inconnu.";
    OtherSession =>
        "Vous avez commencé à associer ce compte dans une autre session. Rien n’a été modifié. \
         Veuillez recommencer.";
    OtherPurpose =>
        "La réponse du service de connexion ne correspond pas à cette page. Veuillez recommencer.";
    TooManyAccounts =>
        "Vous avez associé le nombre maximal de comptes. Veuillez d’abord en dissocier un.";
    InvalidInitiatedLogin =>
        "Un autre site a demandé une connexion ici, mais sa demande n’était pas valide. Rien n’a \
         été modifié.";
    CrossSite => "Cette demande venait d’un autre site ; elle n’a donc pas été exécutée.";
    AlreadySignedIn => "Vous êtes déjà connecté.";
    EndedAtProvider => "Le service de connexion a mis fin à votre session pendant cette connexion. Veuillez vous reconnecter.";
    NotAVisit =>
        "Cette page ne peut être ouverte que directement dans un onglet. Rien n’a été modifié.";
    LogoutResponse =>
        "Ce lien correspond à une déconnexion qui n’a pas été commencée dans ce navigateur. Rien \
         n’a été modifié.";
    ForeignResponse =>
        "La réponse du service de connexion ne correspond pas à une connexion que vous avez \
         commencée ici. Veuillez recommencer.";
}
