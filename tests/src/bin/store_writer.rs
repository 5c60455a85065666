//! Increments a number in a store TIMES times and prints each number once it is stored, for tests
//! that kill a writer or set its environment.
//!
//! `store_writer URL TIMES`

use tests::store::{Counter, of_url};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(times)) = (arguments.next(), arguments.next()) else {
        return Err("store_writer URL TIMES".into());
    };
    let counter = Counter::new(of_url(&url), "counter");
    for _ in 0..times.parse()? {
        println!("{}", counter.add().await?);
    }
    Ok(())
}
