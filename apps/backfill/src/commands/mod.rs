//! One file a command.

mod archive;
mod backup;
mod backup_files;
mod backup_schedule;
mod check_credentials;
mod copies;
mod export;
mod export_records;
mod forget;
mod gaps;
mod migrate;
mod prune;
mod records;
mod recovery;
mod run;
mod status;
mod stream;
mod ticks;
mod verify;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

/// Carries a command out.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Run(args) => run::run(&args),
        Command::CheckCredentials(args) => check_credentials::run(&args),
        Command::Stream(args) => stream::stream(&args),
        Command::Status(args) => status::status(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Gaps(args) => gaps::gaps(&args),
        Command::Export(args) => export::export(&args),
        Command::Forget(args) => forget::forget(&args),
        Command::Prune(args) => prune::prune(&args),
        Command::Migrate(args) => migrate::migrate(&args),
        Command::Backup { action } => backup::backup(&action),
        Command::Archive(command) => archive::archive(&command),
    }
}
