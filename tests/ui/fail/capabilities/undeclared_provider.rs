use oauth_runtime::prelude::*;

struct GitLab;

fn greeting(_: &Login<GitLab>) {}

fn main() {}
