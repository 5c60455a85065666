//! Headless Chromium, driven like by a user: by the words on the page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{Cookie, WindowHandle};
use tokio::time::sleep;

use crate::process::{DEADLINE, INTERVAL, Process, Scratch};
use crate::scenario::Scenario;

const FLAGS: [&str; 12] = [
    "--headless",
    // The sandbox does not start as root nor in most containers. The pages are our own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    // Only the pages of the test: no updates, services or name lookups.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    // Screenshots of the same size everywhere.
    "--force-device-scale-factor=1",
    "--lang=en",
    "--window-size=1100,800",
];

/// A browser with an empty profile. Its screenshots show every step.
#[derive(Debug)]
pub struct Browser {
    scenario: Scenario,
    driver: WebDriver,
    // Dropped in this order: the processes, then their files.
    _chromedriver: Process,
    _files: Scratch,
}

/// A page as the user sees it, and its status.
#[derive(Clone, Debug)]
pub struct Page {
    /// Address of the page.
    pub url: String,
    /// HTTP status of the page's response.
    pub status: u16,
    /// Title of the tab.
    pub title: String,
    /// The visible text.
    pub text: String,
}

impl Browser {
    /// Starts a browser with a new profile.
    pub async fn start(scenario: &Scenario) -> Self {
        Self::start_with(scenario, &[]).await
    }

    /// Starts a browser with a new profile and more flags.
    pub async fn start_with(scenario: &Scenario, flags: &[&str]) -> Self {
        let files = Scratch::create();
        let mut command = Command::new("chromedriver");
        // All files of Chromium go here, including those outside the profile.
        command.arg("--port=0").env("HOME", files.path()).env("TMPDIR", files.path());
        let mut chromedriver = Process::start(scenario, "chromedriver", &command);
        let port = chromedriver.line_after("started successfully on port ").await;
        let port = port.trim_end_matches('.');

        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS.iter().chain(flags) {
            capabilities.add_arg(flag).expect("a flag is a valid capability");
        }
        let data = format!("--user-data-dir={}", files.path().join("profile").display());
        capabilities.add_arg(&data).expect("a flag is a valid capability");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .expect("chromedriver starts Chromium");
        // It ends with its process, even if the test fails.
        driver.clone().leak().expect("a new session has not ended");
        Self { scenario: scenario.clone(), driver, _chromedriver: chromedriver, _files: files }
    }

    /// Opens an address and returns the final page.
    pub async fn open(&self, url: &str) -> Page {
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("opening {url}: {error}"));
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        self.arrived(&format!("open-{path}")).await
    }

    /// Presses the button or follows the link with this text, and returns the next page.
    pub async fn press(&self, text: &str) -> Page {
        let element = self.control(text).await;
        // Marks the old document: a document without the mark is the new one.
        self.script("window.pressed = true").await.expect("a page runs scripts");
        element.click().await.unwrap_or_else(|error| panic!("pressing {text:?}: {error}"));
        self.wait_until(&format!("{text:?} led to another page"), async || {
            let here = self.script("return !window.pressed && document.readyState").await;
            here.is_ok_and(|state| state == "complete")
        })
        .await;
        self.arrived(&format!("press-{text}")).await
    }

    /// Reloads the page.
    pub async fn reload(&self) -> Page {
        self.driver.refresh().await.expect("a page can be reloaded");
        self.arrived("reload").await
    }

    /// Types into the field with this label, or with this placeholder if it has no label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = format!(
            "//input[@id=//label[normalize-space()='{label}']/@for or @placeholder='{label}']"
        );
        let field = self.find(&format!("a field {label:?}"), &field).await;
        field.clear().await.expect("a field can be emptied");
        field.send_keys(text).await.expect("a field can be typed into");
    }

    /// Ticks the box with this label.
    pub async fn check(&self, label: &str) {
        let label = format!("//label[normalize-space()='{label}']");
        let label = self.find(&format!("a box {label:?}"), &label).await;
        label.click().await.unwrap_or_else(|error| panic!("ticking a box: {error}"));
    }

    /// The current page.
    pub async fn page(&self) -> Page {
        const LOOK: &str = "return [location.href, document.title, document.body.innerText, \
            performance.getEntriesByType('navigation')[0].responseStatus]";
        let seen = self.script(LOOK).await.expect("a page runs scripts");
        let text = |i: usize| seen[i].as_str().expect("text").trim().to_owned();
        Page {
            url: text(0),
            status: seen[3].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
            title: text(1),
            text: text(2),
        }
    }

    /// Checks the current page for the rules of all our pages, on a desktop and a phone screen: it
    /// has a language, a title and one first-level heading, every image has a description and every
    /// field a label, nothing is cut off or scrolls sideways, and nothing was loaded from another
    /// site.
    pub async fn assert_page_is_sound(&self) {
        const FAULTS: &str = "
            const faults = [];
            const check = (good, fault) => good || faults.push(fault);
            check(document.documentElement.lang, 'no language');
            check(document.title, 'no title');
            check(document.querySelectorAll('h1').length === 1, 'not one h1');
            check(document.querySelector('meta[name=viewport]'), 'no viewport');
            check(document.documentElement.scrollWidth <= innerWidth, 'wider than the screen');
            for (const image of document.images) check(image.hasAttribute('alt'), image.outerHTML);
            for (const field of document.querySelectorAll('input:not([type=hidden]), select')) {
                check(field.labels.length, field.outerHTML);
            }
            for (const { name } of performance.getEntriesByType('resource')) {
                check(name.startsWith(location.origin), 'loaded ' + name);
            }
            return faults";
        for (screen, width) in [("telephone", 390), ("desktop", 1100)] {
            self.driver.set_window_rect(0, 0, width, 800).await.expect("a window can be resized");
            let page = self.arrived(screen).await;
            let faults = self.script(FAULTS).await.expect("a page runs scripts");
            assert_eq!(faults, Value::Array(Vec::new()), "on a {screen}: {page:#?}");
        }
    }

    /// Shows pages in a colour scheme, `light` or `dark`.
    pub async fn prefer(&self, color_scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": color_scheme }]);
        let media = json!({ "features": feature });
        let set = self.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await;
        set.expect("Chromium emulates media");
    }

    /// Sets the size of the window.
    pub async fn resize(&self, width: u32, height: u32) {
        self.driver.set_window_rect(0, 0, width, height).await.expect("a window can be resized");
    }

    /// The violations that axe-core finds on the current page, with all of its rules.
    pub async fn violations(&self) -> Vec<String> {
        const RUN: &str = "
            const done = arguments[arguments.length - 1];
            axe.run({ resultTypes: ['violations', 'incomplete'] }).then(
                ({ passes, violations, incomplete }) => done([passes.length, violations
                    .concat(incomplete.filter(({ impact }) => impact === 'serious' || impact === 'critical'))
                    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
                        `${id}: ${html}: ${failureSummary}`))]),
                error => done([0, [String(error)]]))";
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}: run tests/setup node", file.display()));
        self.script(&axe).await.expect("axe-core is a script");
        let found = self.driver.execute_async(RUN, Vec::new()).await.expect("axe-core runs");
        let (passes, found): (u32, Vec<String>) =
            serde_json::from_value(found.json().clone()).expect("a number and a list");
        assert!(passes > 5, "axe-core has checked nothing: {found:?}");
        found
    }

    /// The screen as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.driver.screenshot_as_png().await.expect("a screenshot can be taken")
    }

    /// The current JSON document.
    pub async fn json(&self) -> Value {
        let text = self.script("return document.querySelector('pre').innerText").await;
        let text = text.expect("a JSON document is shown as preformatted text");
        serde_json::from_str(text.as_str().expect("text")).expect("a JSON document")
    }

    /// Runs a script in the page and returns its result.
    pub async fn script(&self, script: &str) -> WebDriverResult<Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }

    /// The cookies that the browser would send to the current page, by name.
    pub async fn cookies(&self) -> BTreeMap<String, Cookie> {
        let cookies = self.driver.get_all_cookies().await.expect("a browser has cookies");
        cookies.into_iter().map(|cookie| (cookie.name.clone(), cookie)).collect()
    }

    /// The current tab.
    pub async fn tab(&self) -> WindowHandle {
        self.driver.window().await.expect("a browser has a current tab")
    }

    /// Opens another tab and switches to it.
    pub async fn open_tab(&self) -> WindowHandle {
        let tab = self.driver.new_tab().await.expect("a browser opens tabs");
        self.switch_to(&tab).await;
        tab
    }

    /// Switches to a tab.
    pub async fn switch_to(&self, tab: &WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.expect("the tab is still open");
    }

    async fn arrived(&self, step: &str) -> Page {
        let png = self.driver.screenshot_as_png().await.expect("a screenshot can be taken");
        self.scenario.keep_screenshot(step, &png);
        self.page().await
    }

    /// The control with exactly this text, or else the only one that contains it.
    async fn control(&self, text: &str) -> WebElement {
        let exactly = format!("normalize-space() = '{text}' or @value = '{text}'");
        let somewhere = format!("contains(normalize-space(), '{text}')");
        for condition in [exactly, somewhere] {
            let kinds = "self::button or self::a or self::input[@type = 'submit']";
            let controls = By::XPath(format!("//*[{kinds}][{condition}]"));
            let mut controls = self.driver.find_all(controls).await.unwrap_or_default();
            assert!(controls.len() < 2, "{} controls say {text:?}", controls.len());
            if let Some(control) = controls.pop() {
                return control;
            }
        }
        panic!("there is no button or link {text:?} on {:#?}", self.page().await)
    }

    async fn find(&self, what: &str, xpath: &str) -> WebElement {
        match self.driver.find(By::XPath(xpath)).await {
            Ok(element) => element,
            Err(_) => panic!("there is no {what} on {:#?}", self.page().await),
        }
    }

    async fn wait_until(&self, what: &str, reached: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !reached().await {
            assert!(started.elapsed() < DEADLINE, "not in {DEADLINE:?}: {what}");
            sleep(INTERVAL).await;
        }
    }
}
