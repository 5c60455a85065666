# A second, independent OpenID Provider for the interop tests, written in Perl: LemonLDAP::NG (Debian's
# liblemonldap-ng-portal-perl), with its own pages and its demonstration accounts, whose password is
# their name. `starman` serves it:
#
#   starman --preload-app --listen 127.0.0.1:$OP_PORT lemonldap.psgi
#
# It has one client, and stores all data in one folder:
#
#   OP_PORT              port on 127.0.0.1; the issuer has the host `localhost`, another site than
#                        127.0.0.1, so that the browser's cross-site rules for cookies apply
#   OP_FOLDER            an empty folder
#   OP_CLIENT_ID, OP_CLIENT_SECRET, OP_REDIRECT_URI, OP_POST_LOGOUT_REDIRECT_URI
#   OP_ID_TOKEN_ALG      RS256 ... RS512, HS256 ... HS512
#   OP_USERINFO_ALG      the same, or empty: then userinfo is plain JSON
use strict;
use warnings;

use Crypt::OpenSSL::RSA;
use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::UserDB::Demo;
use Plack::Builder;

# The portal always loads its captcha module, which would need ImageMagick.
package NoCaptcha {
    use Mouse;
    extends 'Lemonldap::NG::Common::Module';
    sub init { 1 }
    $INC{'NoCaptcha.pm'} = __FILE__;
}

my $portal = '/usr/share/lemonldap-ng/portal';
my $issuer = "http://localhost:$ENV{OP_PORT}";
my $key    = Crypt::OpenSSL::RSA->generate_key(2048);

sub folder {
    my $folder = "$ENV{OP_FOLDER}/$_[0]";
    mkdir $folder or die "$folder: $!";
    return $folder;
}

sub files {
    return { Directory => folder( $_[0] ), LockDirectory => folder("$_[0]-locks") };
}

%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = (
    ada   => { uid => 'ada',   cn => 'Ada Lovelace', mail => 'ada@example.com' },
    grace => { uid => 'grace', cn => 'Grace Hopper', mail => 'grace@example.com' },
);

# The configuration file of a host, which leaves all settings to the ones below.
$ENV{LLNG_DEFAULTCONFFILE} = "$ENV{OP_FOLDER}/lemonldap-ng.ini";
open my $ini, '>', $ENV{LLNG_DEFAULTCONFFILE} or die "lemonldap-ng.ini: $!";
print $ini "[all]\n[configuration]\ntype = Local\n[portal]\n[handler]\n";
close $ini or die "lemonldap-ng.ini: $!";

my $app = Lemonldap::NG::Portal::Main->run( {
    logLevel      => 'warn',
    domain        => 'localhost',
    portal        => "$issuer/",
    securedCookie => 0,
    templateDir   => "$portal/templates",
    staticPrefix  => '/static',
    languages     => 'en',
    captcha       => 'NoCaptcha',
    portalDisplayRegister      => 0,
    portalDisplayResetPassword => 0,

    authentication   => 'Demo',
    userDB           => 'Same',
    demoExportedVars => { uid => 'uid', cn => 'cn', mail => 'mail' },

    globalStorage            => 'Apache::Session::File',
    globalStorageOptions     => files('sessions'),
    persistentStorage        => 'Apache::Session::File',
    persistentStorageOptions => files('persistent'),

    issuerDBOpenIDConnectActivation       => 1,
    oidcServiceMetaDataIssuer             => $issuer,
    oidcServiceAllowAuthorizationCodeFlow => 1,
    oidcServicePrivateKeySig              => $key->get_private_key_string,
    oidcServicePublicKeySig               => $key->get_public_key_x509_string,
    oidcServiceKeyIdSig                   => 'lemonldap',

    oidcRPMetaDataOptions => {
        rp => {
            oidcRPMetaDataOptionsDisplayName            => 'The application',
            oidcRPMetaDataOptionsClientID               => $ENV{OP_CLIENT_ID},
            oidcRPMetaDataOptionsClientSecret           => $ENV{OP_CLIENT_SECRET},
            oidcRPMetaDataOptionsRedirectUris           => $ENV{OP_REDIRECT_URI},
            oidcRPMetaDataOptionsPostLogoutRedirectUris => $ENV{OP_POST_LOGOUT_REDIRECT_URI},
            oidcRPMetaDataOptionsLogoutBypassConfirm    => 1,
            oidcRPMetaDataOptionsIDTokenSignAlg         => $ENV{OP_ID_TOKEN_ALG},
            oidcRPMetaDataOptionsUserInfoSignAlg        => $ENV{OP_USERINFO_ALG},
            oidcRPMetaDataOptionsRequirePKCE            => 1,
            oidcRPMetaDataOptionsRefreshToken           => 1,
            oidcRPMetaDataOptionsUserIDAttr             => 'uid',
        },
    },
    oidcRPMetaDataExportedVars => { rp => { name => 'cn', email => 'mail' } },

    # It protects no other host, but does not start without these settings.
    locationRules   => {},
    exportedHeaders => {},
} );

builder {
    enable 'Static', path => sub { s{^/static/}{} },     root => "$portal/htdocs/static";
    enable 'Static', path => sub { s{^/javascript/}{} }, root => '/usr/share/javascript';
    $app;
};
