//! Indonesian.

super::language! {
    SignInWith => "Masuk dengan {provider}";
    Connect => "Hubungkan {provider}";
    LastUsed => "Terakhir digunakan";
    TryAgain => "Coba lagi";
    Continue => "Lanjutkan";
    Stay => "Tetap di sini";
    Home => "Ke halaman utama";
    SignOut => "Keluar";
    SignInAgain => "Masuk lagi";
    SignIn => "Masuk";
    ServiceSays => "Layanan masuk menyatakan:";
    Reference => "Referensi: {reference}";
    SignInTitle => "Silakan masuk";
    SignInText => "Anda perlu masuk untuk melihat halaman ini.";
    ConnectionNeeded =>
        "Halaman ini memerlukan akun {provider} Anda, yang belum terhubung atau tidak lagi \
         memberi akses.";
    SignInAgainTitle => "Masuk lagi?";
    SignInAgainText =>
        "Anda sudah masuk sebagai {user}. Jika Anda melanjutkan, sesi Anda saat ini berakhir, dan \
         Anda masuk lagi dengan {provider}.";
    ConnectTitle => "Hubungkan {provider}?";
    ConnectText => "Anda masuk sebagai {user}. Anda akan dialihkan ke {provider}.";
    ConnectForAccess =>
        "Setelah itu, situs ini dapat menggunakan akun yang Anda pilih di sana atas nama Anda.";
    ConnectForSignIn =>
        "Akun yang Anda pilih di sana akan dapat masuk di sini sebagai pengguna ini.";
    InitiatedTitle => "Masuk?";
    InitiatedText => "Situs lain meminta Anda masuk di sini dengan {provider}.";
    InitiatedReplaces =>
        "Anda sudah masuk. Jika Anda melanjutkan, sesi Anda saat ini berakhir, dan Anda mungkin \
         masuk sebagai pengguna lain.";
    SignOutTitle => "Keluar?";
    SignOutText => "Anda akan keluar dari situs ini.";
    SignedOutTitle => "Anda telah keluar";
    SignedOutText => "Anda dapat menutup halaman ini sekarang.";
    SignOutUnstoredTitle => "Belum keluar di semua tempat";
    SignOutUnstoredText =>
        "Browser ini telah keluar. Namun, server tidak dapat mencatatnya: salinan sesi Anda di \
         tempat lain mungkin masih berfungsi sampai server mencatatnya, atau sampai sesi \
         kedaluwarsa. Server terus mencoba.";
    ReturningTitle => "Tunggu sebentar";
    ReturningText =>
        "Anda sedang dikembalikan ke situs ini. Jika tidak terjadi apa-apa, silakan lanjutkan.";
    AccessRefusedTitle => "Akses tambahan tidak diberikan";
    AccessNeededTitle => "Akses tambahan diperlukan";
    FailureTitle => "Terjadi kesalahan";
    InteractionTitle => "Masih ada yang diperlukan untuk masuk";
    CancelledTitle => "Proses masuk dibatalkan";
    ApiFailureTitle => "Respons tidak terduga";
    LogoutResponseTitle => "Proses keluar tidak dikonfirmasi";
    RefusedTitle => "Permintaan ditolak";
    LogoutFailedTitle => "Gagal keluar";
    UnavailableTitle => "Layanan tidak tersedia";
    SignInFailedTitle => "Gagal masuk";
    InteractionText =>
        "Layanan masuk memerlukan sesuatu dari Anda terlebih dahulu, seperti kata sandi atau \
         persetujuan Anda. Silakan coba lagi.";
    CancelledText =>
        "Anda membatalkan proses masuk, atau akses tidak diberikan. Tidak ada yang berubah.";
    AccessRefusedText =>
        "Halaman ini memerlukan lebih banyak akses daripada yang diberikan layanan masuk. Meminta \
         lagi tidak akan membantu; pengelola situs ini dapat menemukan alasannya di log. Yang \
         diperlukan:";
    AccessNeededText =>
        "Halaman ini memerlukan lebih banyak akses daripada yang Anda berikan. Jika Anda \
         melanjutkan, akses itu akan diminta, lalu Anda kembali ke sini:";
    AccessEnded => "Akses Anda telah berakhir. Silakan masuk lagi.";
    StoreUnavailable =>
        "Situs ini tidak dapat menjangkau penyimpanannya sendiri. Silakan coba lagi dalam satu \
         menit.";
    Starting => "Situs ini sedang dimulai. Silakan coba lagi dalam satu menit.";
    ApiFailureText =>
        "Layanan yang digunakan halaman ini mengirim respons yang tidak valid. Pengelola situs \
         ini dapat menemukan alasannya di log.";
    ServiceUnavailable =>
        "Layanan masuk sedang tidak tersedia. Silakan coba lagi dalam satu menit.";
    ServiceFailure =>
        "Layanan masuk mengirim respons yang tidak valid. Pengelola situs ini dapat menemukan \
         alasannya di log.";
    FailureText => "Ada kesalahan pada situs ini. Pengelolanya dapat menemukan alasannya di log.";
    NoPendingLogin =>
        "Proses masuk ini tidak dimulai di browser ini, atau browser Anda tidak menyimpan \
         cookie-nya. Silakan mulai lagi, dan izinkan cookie untuk situs ini.";
    Expired => "Proses masuk ini terlalu lama. Silakan mulai lagi.";
    Replayed => "Proses masuk ini sudah selesai. Jika Anda belum masuk, silakan mulai lagi.";
    UnknownProvider => "Penyedia layanan masuk tidak dikenal.";
    OtherSession =>
        "Anda mulai menghubungkan akun ini di sesi lain. Tidak ada yang berubah. Silakan mulai \
         lagi.";
    OtherPurpose => "Respons layanan masuk tidak sesuai dengan halaman ini. Silakan mulai lagi.";
    TooManyAccounts =>
        "Anda telah menghubungkan jumlah akun maksimum. Silakan putuskan salah satunya terlebih \
         dahulu.";
    InvalidInitiatedLogin =>
        "Situs lain meminta proses masuk di sini, tetapi permintaannya tidak valid. Tidak ada \
         yang berubah.";
    CrossSite => "Permintaan ini berasal dari situs lain, sehingga tidak dijalankan.";
    AlreadySignedIn => "Anda sudah masuk.";
    EndedAtProvider => "Layanan masuk mengakhiri sesi Anda di sana selama proses masuk ini. Silakan masuk lagi.";
    NotAVisit => "Halaman ini hanya dapat dibuka langsung di sebuah tab. Tidak ada yang berubah.";
    LogoutResponse =>
        "Tautan ini milik proses keluar yang tidak dimulai di browser ini. Tidak ada yang berubah.";
    ForeignResponse =>
        "Respons layanan masuk tidak sesuai dengan proses masuk yang Anda mulai di sini. Silakan \
         mulai lagi.";
}
