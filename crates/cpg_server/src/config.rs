//! What clients can choose, in the section `cpglang` of their settings.

use serde::Deserialize;
use serde_json::Value;

/// The settings; what is absent or wrong is as by default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Config {
    /// Whether inferred types are shown.
    pub type_hints: bool,
    /// Whether inferred joins are shown.
    pub join_hints: bool,
    /// Whether it is shown what rows follow from.
    pub granularity_hints: bool,
    /// Whether lines above items are shown.
    pub lenses: bool,
    /// Whether programs are planned when they are saved.
    pub plan_on_save: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            type_hints: true,
            join_hints: true,
            granularity_hints: true,
            lenses: true,
            plan_on_save: true,
        }
    }
}

/// The section's name.
pub(crate) const SECTION: &str = "cpglang";

impl Config {
    /// The settings that a client sends: the section itself, or all of its sections. The rest of what is said is
    /// taken even where one value is wrong.
    pub fn read(value: &Value) -> Self {
        let section = value.get(SECTION).unwrap_or(value);
        let Value::Object(settings) = section else { return Self::default() };
        let mut known = serde_json::Map::new();
        for (key, value) in settings.iter().filter(|(_, value)| value.is_boolean()) {
            known.insert(key.clone(), value.clone());
        }
        serde_json::from_value(Value::Object(known)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use serde_json::json;

    #[test]
    fn wrong_settings_are_as_by_default() {
        let config = Config::read(&json!({ "cpglang": { "lenses": false, "typeHints": 3 } }));
        assert_eq!(config, Config { lenses: false, ..Config::default() });
        assert_eq!(Config::read(&json!(null)), Config::default());
        assert!(!Config::read(&json!({ "joinHints": false })).join_hints);
    }
}
