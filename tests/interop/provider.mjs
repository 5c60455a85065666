// A real OpenID Provider for the interop tests: `oidc-provider`, which is certified, with custom pages,
// because the development pages of that package load fonts from the network.
//
// It listens on loopback, stores all data in memory and signs in a user by name without a password:
// it tests interoperation and protects nothing.
//
//   OP_PORT            port; 0, the default, selects a free one
//   OP_HOST            host name in the issuer; `localhost` by default, another site than
//                      127.0.0.1, so that the browser's cross-site rules for cookies apply
//   OP_CLIENTS         JSON array of client metadata (OpenID Connect Dynamic Client Registration
//                      1.0 section 2): client_id, client_secret, redirect_uris,
//                      token_endpoint_auth_method, post_logout_redirect_uris, ...
//   OP_ID_TOKEN_ALG    algorithm of the ID tokens: RS256 (default), PS256, ES256, EdDSA, HS256
//   OP_ACCESS_TOKEN_SECONDS   lifetime of access tokens, 3600 by default
//   OP_LOGIN_ACCESS_TOKEN_SECONDS   lifetime of those of a login, if it differs
//   OP_UNROTATED       a user whose refresh tokens may be reused
//   OP_HELD            a user whose successful refreshes are never answered
//   OP_DENIAL          the error_description sent when consent is denied
//
// `GET /counts` returns the outcomes of each user's refreshes and calls, as a JSON object by name.
// Refresh tokens are rotated; a reused one ends the grant.
//
// Once it serves, it prints one line: `ready ISSUER`.

import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider, errors } from 'oidc-provider';

const {
  OP_PORT = '0',
  OP_HOST = 'localhost',
  OP_CLIENTS = '[]',
  OP_ID_TOKEN_ALG = 'RS256',
  OP_ACCESS_TOKEN_SECONDS = '3600',
  OP_LOGIN_ACCESS_TOKEN_SECONDS = OP_ACCESS_TOKEN_SECONDS,
  OP_UNROTATED,
  OP_HELD,
  OP_DENIAL = 'The user did not agree',
} = process.env;

const users = {
  ada: { name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', email: 'ada@example.com', email_verified: true },
  grace: { name: 'Grace Hopper', given_name: 'Grace', family_name: 'Hopper', email: 'grace@example.com', email_verified: false },
};

/**
 * One key of every kind, so that a client has to choose the right one.
 *
 * The generator writes the JWK: in Node.js 20, `KeyObject.export` waits forever for a lock if the
 * garbage collector removes the generator during the call.
 */
function signingKeys() {
  const kinds = [
    ['rsa', { modulusLength: 2048 }],
    ['ec', { namedCurve: 'P-256' }],
    ['ed25519', {}],
  ];
  const jwk = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } };
  return kinds.map(([kind, options]) => ({
    ...generateKeyPairSync(kind, { ...options, ...jwk }).privateKey,
    kid: `${kind}-${randomUUID()}`,
    use: 'sig',
  }));
}

function configuration() {
  return {
    clients: JSON.parse(OP_CLIENTS).map((client) => ({
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: OP_ID_TOKEN_ALG,
      ...client,
    })),
    jwks: { keys: signingKeys() },
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'],
      userinfoSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: {
      openid: ['sub'],
      profile: ['name', 'given_name', 'family_name'],
      email: ['email', 'email_verified'],
    },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, ...users[sub] }),
    }),
    pkce: { required: () => true },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: (ctx) => ctx.oidc.account.accountId !== OP_UNROTATED,
    ttl: {
      AccessToken: (_ctx, { gty }) =>
        Number(gty?.endsWith('refresh_token') ? OP_ACCESS_TOKEN_SECONDS : OP_LOGIN_ACCESS_TOKEN_SECONDS),
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) => {
          ctx.body = page('Connect a device', `
            <h1>Connect a device</h1>
            ${error ? '<p>No device is waiting with this code.</p>' : ''}
            ${form}
            <button type="submit" form="op.deviceInputForm">Continue</button>`);
        },
        userCodeConfirmSource: (ctx, form, client, _deviceInfo, userCode) => {
          ctx.body = page('Connect a device', `
            <h1>Does your device show ${escape(userCode)}?</h1>
            <p>${escape(client.clientId)} asks on it.</p>
            ${form}
            <button type="submit" form="op.deviceConfirmForm">Yes</button>`);
        },
        successSource: (ctx) => {
          ctx.body = page('Connected', '<h1>Go back to your device</h1>');
        },
      },
      introspection: { enabled: true },
      jwtUserinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = page('Sign out', `
            <h1>Sign out?</h1>
            ${form}
            <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
            <button type="submit" form="op.logoutForm" class="quiet">Stay signed in</button>`);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = page('Signed out', '<h1>You are signed out</h1>');
        },
      },
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = page('Something went wrong', `
        <h1>Something went wrong</h1>
        <dl>${Object.entries(out).map(([key, value]) => `<dt>${escape(key)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`);
    },
  };
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function page(title, body) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
  :root { font: 17px/1.5 system-ui, sans-serif; color: #1c2430; background: #eef1f5 }
  body { max-width: 22rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 12px; box-shadow: 0 1px 3px #0002 }
  h1 { font-size: 1.3rem; margin: 0 0 1rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  input { margin: .25rem 0 1rem; padding: .5rem .7rem; border: 1px solid #9aa6b5; border-radius: 8px }
  button { margin-top: .6rem; padding: .6rem; border: 0; border-radius: 8px; background: #1f5fbf; color: #fff }
  button.quiet { background: #e3e8ef; color: inherit }
  dt { font-weight: 600 } dd { margin: 0 0 .5rem; overflow-wrap: anywhere }
</style>
${body}
</html>`;
}

function loginPage({ uid, params }) {
  return page('Sign in', `
    <h1>Sign in</h1>
    <form method="post" action="/interaction/${uid}/login">
      <label for="login">Name</label>
      <input id="login" name="login" value="${escape(params.login_hint ?? '')}" required autofocus autocomplete="username">
      <button>Continue</button>
    </form>
    <form method="post" action="/interaction/${uid}/deny"><button class="quiet">Cancel</button></form>`);
}

function consentPage({ uid, params, session }) {
  const wanted = String(params.scope).split(' ').map((scope) => `<li>${escape(scope)}</li>`).join('');
  return page('Allow access', `
    <h1>${escape(params.client_id)} would like to know</h1>
    <ul>${wanted}</ul>
    <p>You are ${escape(session.accountId)}.</p>
    <form method="post" action="/interaction/${uid}/allow"><button>Allow</button></form>
    <form method="post" action="/interaction/${uid}/deny"><button class="quiet">Deny</button></form>`);
}

/** Grants everything that was requested and not granted before. */
async function grant(provider, { params, session, prompt, grantId }) {
  const granted = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) granted.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) granted.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    granted.addResourceScope(resource, scopes.join(' '));
  }
  return granted.save();
}

async function formOf(request) {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 10_000) throw new errors.InvalidRequest('the form is too long');
  }
  return new URLSearchParams(body);
}

async function interaction(provider, request, response, action) {
  const details = await provider.interactionDetails(request, response);
  const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  switch (`${request.method} ${action ?? ''}`) {
    case 'GET ':
      return send(response, 200, 'text/html; charset=utf-8', details.prompt.name === 'login' ? loginPage(details) : consentPage(details));
    case 'POST login':
      return finish({ login: { accountId: (await formOf(request)).get('login') || 'ada' } });
    case 'POST allow':
      return finish({ consent: { grantId: await grant(provider, details) } });
    case 'POST deny':
      return finish({ error: 'access_denied', error_description: OP_DENIAL });
    default:
      return send(response, 404, 'text/plain', 'no such page');
  }
}

/** The counts of each user; '' is for unknown refresh tokens. */
const counts = new Map();

function countsOf(person = '') {
  if (!counts.has(person)) counts.set(person, { refreshed: 0, refused: 0, calls: 0 });
  return counts.get(person);
}

/** Counts the refreshes by their outcome. */
async function countRefreshes(ctx, next) {
  await next();
  if (ctx.oidc?.route !== 'token' || ctx.oidc.params?.grant_type !== 'refresh_token') return;
  const person = ctx.oidc.entities.RefreshToken?.accountId;
  const isRefreshed = ctx.status === 200;
  countsOf(person)[isRefreshed ? 'refreshed' : 'refused'] += 1;
  if (isRefreshed && person === OP_HELD) await new Promise(() => {});
}

/** A protected resource, which returns the user of the access token. */
async function resource(provider, request, response) {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ');
  const token = scheme.toLowerCase() === 'bearer' && value ? await provider.AccessToken.find(value) : undefined;
  if (!token?.isValid) {
    response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    return send(response, 401, 'application/json', '{"error":"invalid_token"}');
  }
  countsOf(token.accountId).calls += 1;
  return send(response, 200, 'application/json', JSON.stringify({ resource: 'notes', owner: token.accountId, scope: token.scope }));
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

const server = createServer();
// The backlog must hold all connections that a test opens at once.
server.listen({ port: Number(OP_PORT), host: '127.0.0.1', backlog: 4096 }, () => {
  const issuer = `http://${OP_HOST}:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.on('server_error', (_ctx, error) => console.error(error));
  provider.use(countRefreshes);
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    try {
      const [, first, second, action] = new URL(request.url, issuer).pathname.split('/');
      if (first === 'interaction') {
        await interaction(provider, request, response, action);
      } else if (first === 'api' && second === 'resource') {
        await resource(provider, request, response);
      } else if (first === 'counts') {
        send(response, 200, 'application/json', JSON.stringify(Object.fromEntries(counts)));
      } else {
        await callback(request, response);
      }
    } catch (error) {
      console.error(error);
      if (!response.headersSent) send(response, 500, 'text/plain', String(error));
    }
  });
  console.log(`ready ${issuer}`);
});
