//! Portuguese.

super::language! {
    SignInWith => "Entrar com {provider}";
    Connect => "Conectar {provider}";
    LastUsed => "Último usado";
    TryAgain => "Tentar novamente";
    Continue => "Continuar";
    Stay => "Ficar aqui";
    Home => "Ir para a página inicial";
    SignOut => "Sair";
    SignInAgain => "Entrar novamente";
    SignIn => "Entrar";
    ServiceSays => "O serviço de login informa:";
    Reference => "Referência: {reference}";
    SignInTitle => "Faça login";
    SignInText => "Você precisa entrar para ver esta página.";
    ConnectionNeeded =>
        "Esta página precisa da sua conta {provider}, que não está conectada ou não permite mais \
         o acesso.";
    SignInAgainTitle => "Entrar novamente?";
    SignInAgainText =>
        "Você já entrou como {user}. Se continuar, sua sessão atual será encerrada e você entrará \
         novamente com {provider}.";
    ConnectTitle => "Conectar {provider}?";
    ConnectText => "Você entrou como {user}. Você será redirecionado para {provider}.";
    ConnectForAccess =>
        "Depois disso, este site poderá usar em seu nome a conta que você escolher lá.";
    ConnectForSignIn => "A conta que você escolher lá poderá entrar aqui como este usuário.";
    InitiatedTitle => "Entrar?";
    InitiatedText => "Outro site pede que você entre aqui com {provider}.";
    InitiatedReplaces =>
        "Você já entrou. Se continuar, sua sessão atual será encerrada e você poderá entrar como \
         outro usuário.";
    SignOutTitle => "Sair?";
    SignOutText => "Você sairá deste site.";
    SignedOutTitle => "Você saiu";
    SignedOutText => "Você já pode fechar esta página.";
    SignOutUnstoredTitle => "A sessão não foi encerrada em todos os lugares";
    SignOutUnstoredText =>
        "Você saiu neste navegador. No entanto, o servidor não conseguiu registrar isso: uma \
         cópia da sua sessão em outro lugar pode funcionar até que o servidor a registre ou até \
         que a sessão expire. O servidor continua tentando.";
    ReturningTitle => "Um momento";
    ReturningText => "Você está voltando para este site. Se nada acontecer, continue.";
    AccessRefusedTitle => "O acesso adicional não foi concedido";
    AccessNeededTitle => "É necessário mais acesso";
    FailureTitle => "Algo deu errado";
    InteractionTitle => "Falta algo para entrar";
    CancelledTitle => "O login foi cancelado";
    ApiFailureTitle => "Resposta inesperada";
    LogoutResponseTitle => "Saída não confirmada";
    RefusedTitle => "Solicitação recusada";
    LogoutFailedTitle => "Falha ao sair";
    UnavailableTitle => "Serviço indisponível";
    SignInFailedTitle => "Falha no login";
    InteractionText =>
        "O serviço de login precisa primeiro de algo de você, como sua senha ou seu \
         consentimento. Tente novamente.";
    CancelledText => "Você cancelou o login ou o acesso não foi concedido. Nada foi alterado.";
    AccessRefusedText =>
        "Esta página precisa de mais acesso do que o serviço de login concedeu. Pedir novamente \
         não ajudaria; o operador deste site pode encontrar o motivo no log. Ela precisa de:";
    AccessNeededText =>
        "Esta página precisa de mais acesso do que você concedeu. Se continuar, ele será \
         solicitado e depois você voltará para cá:";
    AccessEnded => "Seu acesso terminou. Entre novamente.";
    StoreUnavailable =>
        "Este site não consegue acessar o próprio armazenamento. Tente novamente em um minuto.";
    Starting => "Este site está iniciando. Tente novamente em um minuto.";
    ApiFailureText =>
        "O serviço que esta página usa enviou uma resposta inválida. O operador deste site pode \
         encontrar o motivo no log.";
    ServiceUnavailable =>
        "O serviço de login não está disponível no momento. Tente novamente em um minuto.";
    ServiceFailure =>
        "O serviço de login enviou uma resposta inválida. O operador deste site pode encontrar o \
         motivo no log.";
    FailureText => "Há um erro neste site. O operador pode encontrar o motivo no log.";
    NoPendingLogin =>
        "Este login não foi iniciado neste navegador, ou seu navegador não guardou o cookie. \
         Comece novamente e permita cookies para este site.";
    Expired => "Este login demorou demais. Comece novamente.";
    Replayed => "Este login já foi concluído. Se você não entrou, comece novamente.";
    UnknownProvider => "Provedor de login desconhecido.";
    OtherSession =>
        "Você começou a conectar esta conta em outra sessão. Nada foi alterado. Comece novamente.";
    OtherPurpose => "A resposta do serviço de login não pertence a esta página. Comece novamente.";
    TooManyAccounts => "Você conectou o número máximo de contas. Desconecte uma primeiro.";
    InvalidInitiatedLogin =>
        "Outro site pediu um login aqui, mas a solicitação não era válida. Nada foi alterado.";
    CrossSite => "Esta solicitação veio de outro site e por isso não foi executada.";
    AlreadySignedIn => "Você já entrou.";
    EndedAtProvider => "O serviço de login encerrou sua sessão durante este login. Entre novamente.";
    NotAVisit => "Esta página só pode ser aberta diretamente em uma aba. Nada foi alterado.";
    LogoutResponse =>
        "Este link pertence a uma saída que não foi iniciada neste navegador. Nada foi alterado.";
    ForeignResponse =>
        "A resposta do serviço de login não pertence a um login que você iniciou aqui. Comece \
         novamente.";
}
