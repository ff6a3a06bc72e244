//! Serves `dist/` on loopback, with the headers that a production host should send too.
use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
};

use anyhow::{Context, Result, bail};
use axum::{
    Router,
    http::{HeaderName, HeaderValue},
};
use tokio::runtime;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::print;

/// The page's own policy, plus one directive that works only in a header. The other headers keep caches fresh, prevent type
/// sniffing, limit the camera to this page, and isolate the page from other origins, which allows threads on the CPU.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
             img-src 'self' blob:; style-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
    ),
    ("cache-control", "no-cache"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
];

/// Serves `folder` until interrupted.
pub fn serve(folder: &Path, listener: TcpListener) -> Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start the server")?;
    runtime.block_on(async {
        let address = listener.local_addr().context("the server's address is unknown")?;
        print::result(format_args!("Serving {} at http://{address}/ (stop with Ctrl+C)", folder.display()))?;
        let listener = tokio::net::TcpListener::from_std(listener).context("cannot start the server")?;
        axum::serve(listener, site(folder)).await.context("the server stopped")
    })
}

/// Reserves a port of this machine; 0 takes any free one. Called before the build, because the build takes minutes.
pub fn listen(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
        Ok(listener) => {
            listener.set_nonblocking(true).context("cannot start the server")?;
            Ok(listener)
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is in use by another program; choose another with --port, or --port 0 for any that is free")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port} of this machine")),
    }
}

fn site(folder: &Path) -> Router {
    HEADERS.into_iter().fold(Router::new().fallback_service(ServeDir::new(folder)), |site, (name, value)| {
        site.layer(SetResponseHeaderLayer::overriding(HeaderName::from_static(name), HeaderValue::from_static(value)))
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, Response, StatusCode, header},
    };
    use tower::ServiceExt;

    use super::*;
    use crate::workspace::write_if_changed;

    fn get(path: &str) -> Response<Body> {
        let folder = tempfile::tempdir().unwrap();
        for name in ["index.html", "app.js", "serfiq/pkg/serfiq_cpu_bg.wasm", "serfiq/models/face.onnx"] {
            write_if_changed(&folder.path().join(name), b"contents").unwrap();
        }
        let request = Request::get(path).body(Body::empty()).unwrap();
        runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(site(folder.path()).oneshot(request))
            .unwrap()
    }

    #[test]
    fn every_kind_of_file_has_its_type() {
        for (path, expected) in [
            ("/", "text/html"),
            ("/app.js", "text/javascript"),
            ("/serfiq/pkg/serfiq_cpu_bg.wasm", "application/wasm"),
            ("/serfiq/models/face.onnx", "application/octet-stream"),
        ] {
            let response = get(path);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], expected, "{path}");
        }
    }

    #[test]
    fn every_answer_carries_every_header() {
        for (path, status) in [("/", StatusCode::OK), ("/missing.js", StatusCode::NOT_FOUND)] {
            let response = get(path);
            assert_eq!(response.status(), status);
            for (name, value) in HEADERS {
                assert_eq!(response.headers()[name], value, "{path} {name}");
            }
        }
    }

    #[test]
    fn the_policy_is_the_pages_own() {
        let page = include_str!("../../www/site/index.html");
        let header = HEADERS[0].1;
        let policy = header.strip_suffix("; frame-ancestors 'none'").unwrap();
        assert!(page.contains(policy), "www/site/index.html does not have the policy {policy}");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        assert_ne!(get("/../../../../etc/passwd").status(), StatusCode::OK);
        assert_ne!(get("/%2e%2e/%2e%2e/etc/passwd").status(), StatusCode::OK);
    }

    #[test]
    fn a_port_in_use_is_named() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = listen(port).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
    }
}
