//! What kind of deployment this is, and how strictly its configuration is checked.

use crate::key::section;
use crate::value::choices;

choices! {
    /// Kind of deployment. It selects `config/NAME.toml` and the rules that apply.
    pub enum Environment {
        /// A developer's machine.
        Dev = "dev",
        /// Automated tests.
        Test = "test",
        /// Production's rehearsal, with paper money.
        Staging = "staging",
        /// Real money.
        Production = "production",
    }
}

choices! {
    /// How strictly the environment checks act.
    pub enum ValidationLevel {
        /// They warn. Never allowed in production.
        Permissive = "permissive",
        /// They stop the start.
        Strict = "strict",
        /// They stop the start, and every dependency is connected to first.
        Paranoid = "paranoid",
    }
}

section! {
    /// What kind of deployment this is, and how strictly its configuration is checked.
    pub struct DeploymentSettings in "" {
        /// Kind of deployment; selects `config/NAME.toml` and the rules that apply.
        environment: Environment = "dev", unit "", range "", restart;
        /// How strictly the environment is checked: `permissive` warns, `strict` stops the start, `paranoid` also
        /// connects to every dependency first. Production refuses `permissive`.
        validation_level: ValidationLevel = "strict", unit "", range "", restart;
    }
}
