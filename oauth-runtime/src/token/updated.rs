//! Notifications about token changes: there may be several listeners, and none of them disturbs the
//! library or another listener.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::declaration::provider::AnyProvider;
use crate::protocol::error_response::ErrorResponse;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::token::owner::Owner;
use crate::token::{Token, TokenData};

/// Maximum number of queued events for one listener; beyond it the newest are dropped with a log
/// line.
const WAITING: usize = 1024;
/// Maximum time that a listener may take for one event.
const DEADLINE: Duration = Duration::from_secs(60);

/// The tokens of a grant have changed: they were refreshed, the provider has ended the grant, or the
/// user has signed out.
#[derive(Clone)]
pub struct TokenUpdated {
    provider: Arc<str>,
    /// Whether the provider is a [`RuntimeProvider`](crate::RuntimeProvider).
    is_run_time: bool,
    old: Arc<TokenData>,
    new: Arc<TokenData>,
    is_of_application: bool,
}

impl TokenUpdated {
    pub(crate) fn new(
        provider: &Arc<str>,
        is_run_time: bool,
        old: &Arc<TokenData>,
        new: &Arc<TokenData>,
    ) -> Self {
        let (provider, old, new) = (Arc::clone(provider), Arc::clone(old), Arc::clone(new));
        Self { provider, is_run_time, old, new, is_of_application: false }
    }

    /// The same change, to tokens that the application requested for itself.
    pub(crate) fn of_application(self) -> Self {
        Self { is_of_application: true, ..self }
    }

    /// The provider's name in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The owner of the tokens, if they outlive sessions (`keep_tokens`), for example to notify
    /// them that a grant has ended. `None` for tokens of a session, and for those that the
    /// application stores or requests for itself.
    pub fn owner(&self) -> Option<&Owner> {
        self.new.whose.as_ref().map(|whose| &whose.owner)
    }

    /// The account of the tokens at the provider: [`Account::subject`](crate::Account::subject).
    /// `None` for tokens of a session, and if [token hooks](crate::TokenHooks) chose the account.
    pub fn subject(&self) -> Option<&str> {
        self.new.whose.as_ref()?.subject.as_deref()
    }

    /// Whether the application requested the tokens for itself:
    /// [`client_credentials`](crate::Client::client_credentials) or
    /// [`jwt_bearer`](crate::Client::jwt_bearer). They belong to no user.
    pub fn is_of_application(&self) -> bool {
        self.is_of_application
    }

    /// The provider's error response when it ended the grant; otherwise `None`.
    pub fn ended(&self) -> Option<&ErrorResponse> {
        self.new.ended.as_ref().filter(|_| !self.is_removed())
    }

    /// Whether the library removed the tokens, because the user signed out, signed in again, or
    /// disconnected the account. Then there are no [new ones](Self::new_token).
    pub fn is_removed(&self) -> bool {
        self.new.is_signed_out()
    }

    /// The previous tokens, if they belong to the provider `P`. For all providers known at run time
    /// `P` is [`RuntimeProvider`](crate::RuntimeProvider); [`provider`](Self::provider) names the
    /// actual one.
    pub fn old<P: AnyProvider>(&self) -> Option<Token<P>> {
        self.is_of::<P>().then(|| Token::new((*self.old).clone()))
    }

    /// The new tokens, if they belong to the provider `P`, as for [`old`](Self::old). `None` when
    /// the grant has ended, or the tokens were removed.
    pub fn new_token<P: AnyProvider>(&self) -> Option<Token<P>> {
        (self.is_of::<P>() && self.new.ended.is_none()).then(|| Token::new((*self.new).clone()))
    }

    fn is_of<P: AnyProvider>(&self) -> bool {
        // The declaration for providers known at run time has no name.
        match P::SPEC.name {
            "" => self.is_run_time,
            name => !self.is_run_time && name == &*self.provider,
        }
    }
}

/// The listeners.
#[derive(Clone, Default)]
pub(crate) struct Listeners(Vec<Listener>);

type Handler = Arc<dyn Fn(TokenUpdated) -> BoxFuture<'static, ()> + Send + Sync>;

struct Listener {
    handler: Handler,
    /// Its task starts with the first event: a registry may be built outside a runtime.
    queue: OnceLock<mpsc::Sender<TokenUpdated>>,
}

/// A clone has a queue of its own.
impl Clone for Listener {
    fn clone(&self) -> Self {
        Self { handler: Arc::clone(&self.handler), queue: OnceLock::new() }
    }
}

impl Listeners {
    pub(crate) fn add(&mut self, handler: Handler) {
        self.0.push(Listener { handler, queue: OnceLock::new() });
    }

    /// Notifies all listeners without waiting.
    pub(crate) fn notify(&self, event: &TokenUpdated) {
        for listener in &self.0 {
            let queue = listener.queue.get_or_init(|| {
                let (sender, events) = mpsc::channel(WAITING);
                tokio::spawn(listen(Arc::clone(&listener.handler), events));
                sender
            });
            if queue.try_send(event.clone()).is_err() {
                tracing::warn!(
                    provider = event.provider(),
                    "a listener is too slow; dropping an event"
                );
            }
        }
    }
}

async fn listen(handler: Handler, mut events: mpsc::Receiver<TokenUpdated>) {
    while let Some(event) = events.recv().await {
        // In a task of its own: a panic ends this event but not the listener.
        let mut handling = tokio::spawn(handler(event));
        match timeout(DEADLINE, &mut handling).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::error!("a listener panicked"),
            Err(_) => {
                handling.abort();
                tracing::error!(
                    "a listener took more than {} s and was stopped",
                    DEADLINE.as_secs()
                );
            }
        }
    }
}

/// The tokens are redacted.
impl fmt::Debug for TokenUpdated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenUpdated")
            .field("provider", &self.provider)
            .field("generation", &self.new.generation)
            .field("ended", &self.new.ended)
            .finish_non_exhaustive()
    }
}

opaque_debug!(Listeners, |it| it.0.len());

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Mutex;

    use tokio::sync::Semaphore;

    use super::*;
    use crate::crypto::secret::Secret;
    use crate::protocol::oauth1::Credentials;

    /// The events that a listener has received, by number.
    type Heard = Arc<Mutex<Vec<u64>>>;

    fn event(number: u64) -> TokenUpdated {
        let secret = || Secret::from("hunter2");
        let credentials = Credentials { token: secret(), secret: secret() };
        let token = Arc::new(TokenData::of_credentials(credentials, None, number));
        TokenUpdated::new(&"hub".into(), false, &token, &token)
    }

    fn number(event: &TokenUpdated) -> u64 {
        event.new.obtained_at
    }

    #[tokio::test]
    async fn event_queue_is_bounded_and_drops_the_newest() {
        let (heard, gate) = (Heard::default(), Arc::new(Semaphore::new(0)));
        let mut listeners = Listeners::default();
        let (all, closed) = (Arc::clone(&heard), Arc::clone(&gate));
        listeners.add(Arc::new(move |event| {
            let (all, closed) = (Arc::clone(&all), Arc::clone(&closed));
            Box::pin(async move {
                let _pass = closed.acquire().await;
                all.lock().unwrap().push(number(&event));
            })
        }));
        for number in 0..3_000 {
            listeners.notify(&event(number));
        }
        gate.add_permits(1);
        for _ in 0..20_000 {
            tokio::task::yield_now().await;
        }
        let heard = heard.lock().unwrap();
        assert!((1_000..=1_025).contains(&heard.len()), "{}", heard.len());
        assert!(heard.iter().copied().eq(0..heard.len() as u64), "the first ones, in order");
    }

    #[tokio::test(start_paused = true)]
    async fn hanging_listener_is_stopped_and_hears_the_next() {
        let heard = Heard::default();
        let mut listeners = Listeners::default();
        let all = Arc::clone(&heard);
        listeners.add(Arc::new(move |event| {
            let all = Arc::clone(&all);
            Box::pin(async move {
                all.lock().unwrap().push(number(&event));
                if number(&event) == 0 {
                    pending::<()>().await;
                }
            })
        }));
        listeners.notify(&event(0));
        listeners.notify(&event(1));
        tokio::time::sleep(DEADLINE - Duration::from_secs(1)).await;
        assert_eq!(*heard.lock().unwrap(), [0]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(*heard.lock().unwrap(), [0, 1]);
    }

    #[test]
    fn tokens_are_given_as_those_of_their_provider() {
        struct Named;
        struct RunTime;
        macro_rules! provider {
            ($provider:ident, $name:literal) => {
                impl AnyProvider for $provider {
                    const SPEC: &'static crate::declaration::spec::ProviderSpec<'static> =
                        &crate::declaration::spec::ProviderSpec {
                            name: $name,
                            ..crate::declaration::spec::ProviderSpec::DEFAULT
                        };
                    type UserInfo = crate::identity::user_info::UserInfo;
                    type Claims = crate::identity::user_info::UserInfo;
                    type Capabilities = crate::__private::Capabilities<
                        crate::__private::OAuth2,
                        crate::__private::Identified,
                        false,
                        false,
                    >;

                    fn load(_: &mut crate::config::Fields<'_>) -> Option<Self> {
                        None
                    }

                    fn placeholder_values(&self) -> Vec<String> {
                        Vec::new()
                    }
                }
            };
        }
        provider!(Named, "hub");
        provider!(RunTime, "");
        let declared = event(1);
        let run_time = TokenUpdated { is_run_time: true, ..event(1) };
        assert!(declared.new_token::<Named>().is_some() && declared.old::<Named>().is_some());
        assert!(declared.new_token::<RunTime>().is_none());
        assert!(run_time.new_token::<RunTime>().is_some() && run_time.old::<RunTime>().is_some());
        assert!(run_time.new_token::<Named>().is_none(), "a name says nothing of those");
    }

    #[test]
    fn removed_tokens_are_not_an_end_by_the_provider() {
        let token = event(1).old;
        let removed =
            TokenUpdated::new(&"hub".into(), false, &token, &Arc::new(token.signed_out(9)));
        assert!(removed.is_removed() && removed.ended().is_none());
        assert!(!event(1).is_removed() && !event(1).is_of_application());
    }

    #[test]
    fn tokens_are_not_shown() {
        let shown = format!("{:?} {:#?}", event(1), event(1));
        assert!(shown.contains("hub") && !shown.contains("hunter2"), "{shown}");
    }
}
