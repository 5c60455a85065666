//! A network that loses, delays and changes what is sent over it.

use super::*;

/// A network that a test can disturb.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<Disturbances>);

#[derive(Default)]
struct Disturbances {
    /// Number of refresh responses to lose after the provider has acted.
    lost_replies: AtomicU32,
    /// Delay of refresh responses, in milliseconds.
    delay: AtomicU32,
    /// The presented refresh tokens, in order.
    presented: Mutex<Vec<String>>,
    /// The issued refresh tokens, in order.
    issued: Mutex<Vec<String>>,
    /// Number of current refreshes, and its maximum.
    under_way: AtomicU32,
    most_under_way: AtomicU32,
    /// Number of calls to answer with 503, and the seconds of `Retry-After`.
    busy: Mutex<(u32, u32)>,
    /// Number of calls to refuse as if their token were invalid.
    refused_calls: AtomicU32,
    /// Number of calls whose connection breaks.
    broken_calls: AtomicU32,
    /// The response to refreshes instead of the provider's.
    refresh_answer: Mutex<Option<(u16, String)>>,
}

impl Network {
    pub(crate) fn lose_replies(&self, count: u32) {
        self.0.lost_replies.store(count, Ordering::SeqCst);
    }

    pub(crate) fn delay_refreshes(&self, by: Duration) {
        let millis = u32::try_from(by.as_millis()).expect("a short time");
        self.0.delay.store(millis, Ordering::SeqCst);
    }

    /// The presented refresh tokens, in order.
    pub(crate) fn presented(&self) -> Vec<String> {
        self.0.presented.lock().expect("no panic").clone()
    }

    /// The last issued refresh token.
    pub(crate) fn issued_last(&self) -> String {
        self.0.issued.lock().expect("no panic").last().expect("a refresh token").clone()
    }

    /// The maximum number of simultaneous refreshes.
    pub(crate) fn most_at_once(&self) -> u32 {
        self.0.most_under_way.load(Ordering::SeqCst)
    }

    /// Answers this number of calls with 503 and `Retry-After`.
    pub(crate) fn be_busy(&self, calls: u32, retry_after: u32) {
        *self.0.busy.lock().expect("no panic") = (calls, retry_after);
    }

    /// Number of calls still to answer with 503.
    pub(crate) fn busy_calls_left(&self) -> u32 {
        self.0.busy.lock().expect("no panic").0
    }

    /// Refuses this number of calls as if their token were invalid.
    pub(crate) fn refuse_calls(&self, count: u32) {
        self.0.refused_calls.store(count, Ordering::SeqCst);
    }

    /// Breaks the connections of this number of calls.
    pub(crate) fn break_calls(&self, count: u32) {
        self.0.broken_calls.store(count, Ordering::SeqCst);
    }

    /// Answers refreshes without the provider until
    /// [`answer_no_refreshes`](Self::answer_no_refreshes).
    pub(crate) fn answer_refreshes(&self, status: u16, body: &str) {
        *self.0.refresh_answer.lock().expect("no panic") = Some((status, body.to_owned()));
    }

    pub(crate) fn answer_no_refreshes(&self) {
        *self.0.refresh_answer.lock().expect("no panic") = None;
    }

    /// Number of calls whose connection will still break.
    pub(crate) fn broken_calls_left(&self) -> u32 {
        self.0.broken_calls.load(Ordering::SeqCst)
    }

    pub(crate) fn client(&self) -> impl HttpClient {
        DisturbedClient(ReqwestClient::new().expect("a client"), self.clone())
    }
}

struct DisturbedClient(ReqwestClient, Network);

impl HttpClient for DisturbedClient {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            let disturbances = &self.1.0;
            let host = request.uri().host().unwrap_or_default().to_owned();
            if let Some(answer) = busy(&request, disturbances) {
                return Ok(answer);
            }
            match request.uri().path() {
                "/api/endless" => return Ok(endless(&request)),
                "/api/climbing" => return Ok(climbing(&request)),
                "/api/problem" => return Ok(problem(&request)),
                _ => {}
            }
            let is_call = request.uri().path().starts_with("/api/");
            if is_call && one_less(&disturbances.broken_calls) {
                return Err(NetworkError::Broken { host, source: Arc::new(fmt::Error) });
            }
            if request.method() == Method::POST {
                return self.post(request, limits, host).await;
            }
            if is_call && one_less(&disturbances.refused_calls) {
                let mut refused = Response::new(Bytes::new());
                *refused.status_mut() = StatusCode::UNAUTHORIZED;
                return Ok(refused);
            }
            self.0.send(request, limits).await
        })
    }
}

impl DisturbedClient {
    async fn post(
        &self,
        request: Request<Bytes>,
        limits: Limits,
        host: String,
    ) -> Result<Response<Bytes>, NetworkError> {
        let disturbances = &self.1.0;
        let refresh_token = form_urlencoded::parse(request.body())
            .find_map(|(name, value)| (name == "refresh_token").then(|| value.into_owned()));
        let is_refresh = refresh_token.is_some();
        if let Some(refresh_token) = refresh_token {
            disturbances.presented.lock().expect("no panic").push(refresh_token);
            let under_way = disturbances.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            disturbances.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        }
        let canned = disturbances.refresh_answer.lock().expect("no panic").clone();
        let answer = match canned.filter(|_| is_refresh) {
            Some((status, body)) => {
                let answer = Response::builder().status(status);
                let answer = answer.header("content-type", "application/json");
                Ok(answer.body(Bytes::from(body)).expect("a response"))
            }
            None => self.0.send(request, limits).await,
        };
        if is_refresh {
            // The provider has acted: if the client gives up now, it loses the new token.
            let delay = u64::from(disturbances.delay.load(Ordering::SeqCst));
            tokio::time::sleep(Duration::from_millis(delay)).await;
            disturbances.under_way.fetch_sub(1, Ordering::SeqCst);
        }
        let answer = answer?;
        if is_refresh && one_less(&disturbances.lost_replies) {
            return Err(NetworkError::Timeout { host, deadline: limits.deadline });
        }
        let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if let Some(refresh_token) = document["refresh_token"].as_str() {
            disturbances.issued.lock().expect("no panic").push(refresh_token.to_owned());
        }
        Ok(answer)
    }
}

/// A page of an endless list.
fn endless(request: &Request<Bytes>) -> Response<Bytes> {
    let number: u64 = request.uri().query().unwrap_or_default().parse().unwrap_or_default();
    let link = format!("<?{}>; rel=\"next\"", number + 1);
    Response::builder().header("link", link).body(Bytes::from("[]")).expect("a page")
}

/// A page whose next page is at the URL in the query, outside the API.
fn climbing(request: &Request<Bytes>) -> Response<Bytes> {
    let target = request.uri().query().unwrap_or_default();
    let link = format!("<{target}?token=hunter2>; rel=\"next\"");
    Response::builder().header("link", link).body(Bytes::from("[]")).expect("a page")
}

/// A response with the status in the query, and an error message.
fn problem(request: &Request<Bytes>) -> Response<Bytes> {
    let status = request.uri().query().unwrap_or_default();
    let answer = Response::builder().status(status.parse::<u16>().expect("a status"));
    let answer = answer.header("content-type", "application/problem+json");
    answer.body(Bytes::from(r#"{"detail":"the-detail"}"#)).expect("a response")
}

fn busy(request: &Request<Bytes>, disturbances: &Disturbances) -> Option<Response<Bytes>> {
    let mut busy = disturbances.busy.lock().expect("no panic");
    if busy.0 == 0 || !request.uri().path().starts_with("/api/") {
        return None;
    }
    busy.0 -= 1;
    let answer = Response::builder().status(503).header("retry-after", busy.1.to_string());
    Some(answer.body(Bytes::new()).expect("a response"))
}
