//! Faults of the transport: redirects, slow, oversized and mangled responses.

use super::*;

#[tokio::test]
async fn redirect_sends_a_careless_client_to_the_bystander() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::Redirects(Endpoint::Token));
    let reply = pair.redeem(&pair.code(&[]), &[]).await;
    let target = format!("{}/token", pair.provider.bystander().url());
    assert_eq!((reply.status, reply.header("location")), (307, target.as_str()));
    assert!(pair.provider.bystander().requests().is_empty());

    let careless = reqwest::Client::new();
    let url = pair.provider.url(Endpoint::Token);
    let request = careless.post(url).bearer_auth("secret").body("code=secret");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let witnessed = pair.provider.bystander().requests();
    assert_eq!((witnessed[0].method.as_str(), witnessed[0].path.as_str()), ("POST", "/token"));
    assert_eq!(witnessed[0].body, "code=secret");
    assert_eq!(witnessed[0].header("content-length"), Some("11"));
}

#[tokio::test]
async fn hanging_endpoint_ends_only_with_the_provider() {
    let pair = Pair::quick().await;
    let url = pair.provider.url(Endpoint::Jwks);
    pair.provider.fault(Fault::Hangs(Endpoint::Jwks));
    let patience = Duration::from_millis(200);
    let request = pair.http.get(&url).timeout(patience).send().await;
    assert!(request.unwrap_err().is_timeout());
    assert_eq!(pair.provider.requests(Endpoint::Jwks), 1);
    // Another endpoint is not affected.
    assert_eq!(pair.get(pair.provider.url(Endpoint::Metadata)).await.status, 200);

    let provider = pair.provider;
    let hanging = tokio::spawn(pair.http.get(&url).send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(provider);
    let ended = tokio::time::timeout(Duration::from_secs(5), hanging).await;
    assert_eq!(ended.unwrap().unwrap().unwrap().status(), 503);
}

#[tokio::test]
async fn trickling_answer_takes_its_time() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::Trickles(Endpoint::Jwks));
    let url = pair.provider.url(Endpoint::Jwks);
    let begin = Instant::now();
    let mut response = pair.http.get(url).send().await.unwrap();
    let mut received = Vec::new();
    while received.len() < 4 {
        received.extend_from_slice(&response.chunk().await.unwrap().unwrap());
    }
    assert_eq!(received, b"{\"ke");
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn oversized_answer_is_right_but_for_its_size() {
    let pair = Pair::quick().await;
    let metadata = pair.provider.url(Endpoint::Metadata);
    pair.provider.fault(Fault::Oversized(Endpoint::Metadata));
    let text = pair.get(&metadata).await.text;
    assert!(text.len() > 100 * 1024 * 1024);
    assert!(text.starts_with("{\"padding\":\"xxx"));
    assert!(text.contains("xxx\",\""), "the document continues after the padding");
    assert!(text.contains("\"authorization_endpoint\":"));
    assert!(text.ends_with('}'));

    // A client that goes away ends it.
    let mut response = pair.http.get(&metadata).send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
}

#[tokio::test]
async fn gzip_bomb_says_what_it_is() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::GzipBomb(Endpoint::Metadata));
    let url = pair.provider.url(Endpoint::Metadata);
    let response = pair.http.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let body = response.bytes().await.unwrap();
    assert!(body.starts_with(&[0x1f, 0x8b]) && body.len() < 1024 * 1024);
}

#[tokio::test]
async fn answer_is_mangled_on_its_way() {
    let pair = Pair::quick().await;
    let url = pair.provider.url(Endpoint::Metadata);
    let honest = pair.get(&url).await.text;
    let mangled = async |fault| {
        pair.provider.fault(fault);
        let bytes = pair.http.get(&url).send().await.unwrap();
        pair.provider.clear_faults();
        bytes
    };
    let truncated = mangled(Fault::TruncatedJson(Endpoint::Metadata)).await.text().await.unwrap();
    assert_eq!(truncated, honest[..honest.len() / 2]);

    let page = mangled(Fault::NotJson(Endpoint::Metadata)).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");

    let plain = mangled(Fault::WrongContentType(Endpoint::Metadata)).await;
    assert_eq!(plain.headers()["content-type"], "text/plain");
    assert_eq!(plain.text().await.unwrap(), honest);

    let twice = mangled(Fault::DuplicateMembers(Endpoint::Metadata)).await.text().await.unwrap();
    assert!(twice.contains("\"issuer\":\"duplicate\","));
    assert_eq!(twice.matches("\"issuer\":").count(), 2);
    assert!(serde_json::from_str::<Value>(&twice).is_ok());

    let bytes = mangled(Fault::InvalidUtf8(Endpoint::Metadata)).await.bytes().await.unwrap();
    assert!(std::str::from_utf8(&bytes).is_err());

    let lost = mangled(Fault::ConnectionLost(Endpoint::Metadata)).await;
    assert_eq!(lost.status(), 200);
    assert!(lost.text().await.is_err());

    let unavailable = mangled(Fault::ServerError(Endpoint::Metadata)).await;
    assert_eq!(unavailable.status(), 503);
}
