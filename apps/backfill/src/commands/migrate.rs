//! `backfill migrate`: bring the tables of the database to the form this program needs.

use serde::Serialize;
use trader_config::schema::Environment;
use trader_database::{Migrated, Migrator, Plan};

use crate::cli::MigrateArgs;
use crate::database::{OpenDatabase, backups, keep};
use crate::failure::Failure;
use crate::output::{self, SystemClock, grouped};
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report<'a> {
    database: String,
    dry_run: bool,
    #[serde(flatten)]
    plan: &'a Plan,
}

#[derive(Debug, Serialize)]
struct Done<'a> {
    database: String,
    dry_run: bool,
    #[serde(flatten)]
    migrated: &'a Migrated,
}

pub(super) fn migrate(args: &MigrateArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let open = OpenDatabase::open(&session.loaded.config)?;
    let migrator = Migrator::new(&open.database);
    let database = open.database.target().shown();
    let plan = open.blocking.wait(migrator.plan())?;
    if args.dry_run {
        if args.common.json {
            return output::json(&Report {
                database,
                dry_run: true,
                plan: &plan,
            });
        }
        let mut text = described(&database, &plan);
        for step in &plan.steps {
            text.push_str(&format!(
                "\n-- {}  {}\n{}",
                step.version, step.name, step.sql
            ));
        }
        output::print(&text);
        return Ok(());
    }
    // What is in production is copied before anything changes.
    let is_production = session.loaded.config.deployment.environment == Environment::Production;
    if is_production && plan.from > 0 && !plan.steps.is_empty() {
        let config = &session.loaded.config;
        let backups = backups(config)?;
        let taken = backups.run(&open.database, keep(config), &SystemClock);
        let manifest = open.blocking.wait(taken)?;
        tracing::info!(name = %manifest.name, "the database was backed up before its migration");
    }
    let migrated = open.blocking.wait(migrator.apply(output::now()))?;
    if args.common.json {
        return output::json(&Done {
            database,
            dry_run: false,
            migrated: &migrated,
        });
    }
    let mut text = described(&database, &migrated.plan);
    if !migrated.plan.steps.is_empty() {
        text.push_str(&format!(
            "applied; {} rows in {} tables are as before\n",
            grouped(migrated.rows),
            migrated.compared
        ));
    }
    output::print(&text);
    Ok(())
}

fn described(database: &str, plan: &Plan) -> String {
    let mut text = format!("database    {database}\n");
    if plan.steps.is_empty() {
        text.push_str(&format!("version     {}, nothing to do\n", plan.from));
        return text;
    }
    text.push_str(&format!("version     {} to {}\n", plan.from, plan.to));
    for step in &plan.steps {
        text.push_str(&format!(
            "  {:<4} {}  {}\n",
            step.version, step.checksum, step.name
        ));
    }
    text
}
