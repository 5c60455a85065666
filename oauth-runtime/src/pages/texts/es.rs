//! Spanish.

super::language! {
    SignInWith => "Iniciar sesión con {provider}";
    Connect => "Conectar {provider}";
    LastUsed => "Último usado";
    TryAgain => "Volver a intentarlo";
    Continue => "Continuar";
    Stay => "Quedarse aquí";
    Home => "Ir a la página de inicio";
    SignOut => "Cerrar sesión";
    SignInAgain => "Iniciar sesión de nuevo";
    SignIn => "Iniciar sesión";
    ServiceSays => "El servicio de inicio de sesión indica:";
    Reference => "Referencia: {reference}";
    SignInTitle => "Inicie sesión";
    SignInText => "Debe iniciar sesión para ver esta página.";
    ConnectionNeeded =>
        "Esta página necesita su cuenta de {provider}, que no está conectada o ya no permite el \
         acceso.";
    SignInAgainTitle => "¿Iniciar sesión de nuevo?";
    SignInAgainText =>
        "Ya ha iniciado sesión como {user}. Si continúa, su sesión actual terminará y volverá a \
         iniciar sesión con {provider}.";
    ConnectTitle => "¿Conectar {provider}?";
    ConnectText => "Ha iniciado sesión como {user}. Se le redirigirá a {provider}.";
    ConnectForAccess => "Después, este sitio podrá usar en su nombre la cuenta que elija allí.";
    ConnectForSignIn => "La cuenta que elija allí podrá iniciar sesión aquí como este usuario.";
    InitiatedTitle => "¿Iniciar sesión?";
    InitiatedText => "Otro sitio le pide que inicie sesión aquí con {provider}.";
    InitiatedReplaces =>
        "Ya ha iniciado sesión. Si continúa, su sesión actual terminará y es posible que inicie \
         sesión como otro usuario.";
    SignOutTitle => "¿Cerrar sesión?";
    SignOutText => "Se cerrará su sesión en este sitio.";
    SignedOutTitle => "Ha cerrado la sesión";
    SignedOutText => "Ya puede cerrar esta página.";
    SignOutUnstoredTitle => "La sesión no se ha cerrado en todas partes";
    SignOutUnstoredText =>
        "La sesión está cerrada en este navegador. Sin embargo, el servidor no ha podido \
         registrarlo: una copia de su sesión en otro lugar puede funcionar hasta que el servidor \
         lo registre o la sesión caduque. El servidor sigue intentándolo.";
    ReturningTitle => "Un momento";
    ReturningText => "Está volviendo a este sitio. Si no ocurre nada, pulse continuar.";
    AccessRefusedTitle => "No se ha concedido más acceso";
    AccessNeededTitle => "Se necesita más acceso";
    FailureTitle => "Algo ha salido mal";
    InteractionTitle => "Falta algo para iniciar sesión";
    CancelledTitle => "Se ha cancelado el inicio de sesión";
    ApiFailureTitle => "Respuesta inesperada";
    LogoutResponseTitle => "Cierre de sesión no confirmado";
    RefusedTitle => "Solicitud rechazada";
    LogoutFailedTitle => "No se pudo cerrar la sesión";
    UnavailableTitle => "Servicio no disponible";
    SignInFailedTitle => "Error al iniciar sesión";
    InteractionText =>
        "El servicio de inicio de sesión necesita antes algo de usted, como su contraseña o su \
         consentimiento. Inténtelo de nuevo.";
    CancelledText =>
        "Ha cancelado el inicio de sesión o no se ha concedido el acceso. No se ha cambiado nada.";
    AccessRefusedText =>
        "Esta página necesita más acceso del que ha concedido el servicio de inicio de sesión. \
         Volver a pedirlo no serviría; el operador de este sitio puede encontrar el motivo en el \
         registro. Necesita:";
    AccessNeededText =>
        "Esta página necesita más acceso del que ha concedido. Si continúa, se le pedirá y \
         después volverá aquí:";
    AccessEnded => "Su acceso ha terminado. Vuelva a iniciar sesión.";
    StoreUnavailable =>
        "Este sitio no puede acceder a su propio almacenamiento. Inténtelo de nuevo en un minuto.";
    Starting => "Este sitio se está iniciando. Inténtelo de nuevo en un minuto.";
    ApiFailureText =>
        "El servicio que usa esta página ha enviado una respuesta no válida. El operador de este \
         sitio puede encontrar el motivo en el registro.";
    ServiceUnavailable =>
        "El servicio de inicio de sesión no está disponible en este momento. Inténtelo de nuevo \
         en un minuto.";
    ServiceFailure =>
        "El servicio de inicio de sesión ha enviado una respuesta no válida. El operador de este \
         sitio puede encontrar el motivo en el registro.";
    FailureText =>
        "Hay un error en este sitio. Su operador puede encontrar el motivo en el registro.";
    NoPendingLogin =>
        "Este inicio de sesión no comenzó en este navegador, o su navegador no conservó la \
         cookie. Empiece de nuevo y permita las cookies de este sitio.";
    Expired => "Este inicio de sesión ha tardado demasiado. Empiece de nuevo.";
    Replayed =>
        "Este inicio de sesión ya se ha completado. Si no ha iniciado sesión, empiece de nuevo.";
    UnknownProvider => "Proveedor de inicio de sesión desconocido.";
    OtherSession =>
        "Empezó a conectar esta cuenta en otra sesión. No se ha cambiado nada. Empiece de nuevo.";
    OtherPurpose =>
        "La respuesta del servicio de inicio de sesión no corresponde a esta página. Empiece de \
         nuevo.";
    TooManyAccounts => "Ha conectado el número máximo de cuentas. Desconecte una primero.";
    InvalidInitiatedLogin =>
        "Otro sitio solicitó aquí un inicio de sesión, pero su solicitud no era válida. No se ha \
         cambiado nada.";
    CrossSite => "Esta solicitud procedía de otro sitio, por lo que no se ha ejecutado.";
    AlreadySignedIn => "Ya ha iniciado sesión.";
    EndedAtProvider => "El servicio de inicio de sesión terminó su sesión allí durante este inicio de sesión. Inicie sesión de nuevo.";
    NotAVisit =>
        "Esta página solo se puede abrir directamente en una pestaña. No se ha cambiado nada.";
    LogoutResponse =>
        "Este enlace corresponde a un cierre de sesión que no comenzó en este navegador. No se ha \
         cambiado nada.";
    ForeignResponse =>
        "La respuesta del servicio de inicio de sesión no corresponde a un inicio de sesión que \
         usted empezara aquí. Empiece de nuevo.";
}
