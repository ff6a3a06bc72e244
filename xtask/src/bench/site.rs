//! The files of both sides on loopback while the bench runs: `dist/` as a visitor gets it, and the bench's own below `/bench`.
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    http::{HeaderName, HeaderValue, header::CACHE_CONTROL},
};
use tokio::runtime;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::Folders;
use crate::workspace::Workspace;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const EMBEDDER_POLICY: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");

/// A server that runs until this program ends.
pub struct Site {
    address: SocketAddr,
}

impl Site {
    /// Such as `http://127.0.0.1:40123`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Serves on its own thread, on any free port.
pub fn open(workspace: &Workspace, folders: &Folders) -> Result<Site> {
    let files = Router::new()
        .nest_service("/bench/onnxruntime-web", ServeDir::new(folders.scripts.join("node_modules/onnxruntime-web/dist")))
        .nest_service("/bench/data", ServeDir::new(&folders.data))
        .nest_service("/bench/portraits", ServeDir::new(workspace.portraits()))
        .nest_service("/bench", ServeDir::new(folders.scripts.join("page")))
        .fallback_service(ServeDir::new(workspace.dist()))
        // As the page is served: caches revalidate files, and workers may share memory.
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .layer(SetResponseHeaderLayer::overriding(OPENER_POLICY, HeaderValue::from_static("same-origin")))
        .layer(SetResponseHeaderLayer::overriding(EMBEDDER_POLICY, HeaderValue::from_static("require-corp")));
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start the server")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on this machine")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr().context("the server's address is unknown")?;
    thread::spawn(move || -> Result<()> {
        runtime.block_on(async { Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, files).await?) })
    });
    Ok(Site { address })
}
