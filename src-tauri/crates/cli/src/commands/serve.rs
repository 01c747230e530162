//! The same UI in a browser of this machine.

use super::Outcome;
use super::vault::listen;
use crate::arguments::Common;
use crate::documents::ServeDocument;
use crate::output::{Answer, print, tell};
use crate::refusal::Refusal;
use crate::status::Status;
use crate::words::say;
use loopback::LoopbackError;
use model::ErrorCode;
use station::Failure;
use std::sync::Arc;
use std::time::Duration;
use wire::{Host, HostOptions};

/// Time between two looks at Ctrl-C.
const PULSE: Duration = Duration::from_millis(100);

/// `serve`: prints the address and stays until Ctrl-C.
pub fn serve(common: &Common, port: u16) -> Outcome {
    let options = HostOptions { vault: common.vault_path()?, dock_folders: common.dock_folders()? };
    let interrupt = listen()?;
    let host = Host::open(options);
    if let Err(error) = host.station() {
        // A vault that is not there yet is made on the page; one that is refused is refused here.
        if error.code != ErrorCode::VaultMissing.code() {
            let code = ErrorCode::from_code(&error.code).unwrap_or(ErrorCode::Internal);
            let mut failure = Failure::new(code).because(error.detail);
            failure.params = error.params;
            return Err(failure.into());
        }
    }
    let served: Arc<dyn loopback::Served> = Arc::clone(&host) as _;
    let serving = loopback::station(served, port).map_err(refused)?;
    tell(&say("serving", &[]));
    let address = ServeDocument { address: serving.base.clone() };
    let text = address.address.clone();
    let told = print(common.json, &Answer::new(&address, text));
    tell(&say("serve_stop", &[]));
    while told == Status::Clean && !interrupt.is_set() {
        std::thread::sleep(PULSE);
    }
    drop(serving);
    host.close();
    // The one document stands on standard output already.
    Ok(Answer::new(&(), String::new()).ending(told).printed())
}

fn refused(error: LoopbackError) -> Refusal {
    Failure::new(ErrorCode::OpenFailed).with("path", "127.0.0.1").because(error).into()
}
