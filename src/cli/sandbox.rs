//! `occto sandbox`.

use super::args::SandboxArgs;
use super::out::say;
use super::switch::block_on;
use super::{Failure, exit, explain, plan, practice};
use crate::sandbox::{MeterFiles, PlanCounter, Sandbox, SandboxTransport, Server, stop_signal};
use crate::wire::Binding;
use std::process::ExitCode;
use std::sync::Arc;

/// Serves the counterparties until it is stopped.
pub fn serve(args: &SandboxArgs) -> Result<ExitCode, Failure> {
    let (world, _) = practice::world(args.world.as_deref(), args.today)?;
    let date = world.date;
    let seed = args.seed.unwrap_or(practice::SEED);
    let files = Arc::new(MeterFiles::new(&world, seed));
    let sandbox = Sandbox::new(world, seed);
    let transport = SandboxTransport::new(sandbox, Binding::reference(), explain::notice("common-core")?)
        .with_plans(Arc::new(PlanCounter::new(plan::settings(None)?)));
    let failed = |error: std::io::Error| {
        let listen = &args.listen;
        Failure::usage(format!("{listen} で待ち受けできません（{error}） / cannot listen on {listen}: {error}"))
    };
    block_on(async {
        let server = Server::bind(&args.listen).await.map_err(failed)?;
        let address = server.address().map_err(failed)?;
        say!("模擬環境 http://{address}/ 日付 {date}（Ctrl-C で終了） / sandbox, clock at {date}");
        server.run(transport, files, stop_signal()).await.map_err(failed)
    })??;
    Ok(exit(0))
}
