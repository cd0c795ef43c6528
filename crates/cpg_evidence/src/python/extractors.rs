//! Several extractors that work on the same parse, as one.

/// Declares that the named modules, each with an [`extractor!`](crate::table::extractor), share their input. Gives
///
/// - `KEYS` and `signatures()`, in the order of the names,
/// - `Plan`, `Rows` and `Builders`: those of each extractor that is needed.
macro_rules! group {
    ($($name:ident,)*) => {
        /// The keys of the extractors.
        pub(crate) const KEYS: &[&str] = &[$($name::KEY),*];

        /// What each of them emits, in the order of [`KEYS`].
        pub(crate) fn signatures() -> Vec<cpg_ir::catalog::ExtractorSignature> {
            vec![$($name::signature()),*]
        }

        /// What is needed of the extractors.
        pub(crate) struct Plan {
            $($name: Option<$name::Plan>,)*
        }

        impl Plan {
            /// The part of `needs` that is about these extractors; none when there is no such part.
            ///
            /// # Errors
            /// The first table or column that an extractor does not have.
            pub(crate) fn new(
                needs: &cpg_ir::manifest::EvidenceNeeds,
            ) -> Result<Option<Self>, $crate::EvidenceError> {
                if !KEYS.iter().any(|key| needs.contains_key(*key)) {
                    return Ok(None);
                }
                Ok(Some(Self {
                    $($name: needs.get($name::KEY).map($name::Plan::new).transpose()?,)*
                }))
            }

            /// The needed tables and their needed columns.
            pub(crate) fn tables(&self) -> Vec<$crate::EvidenceTable> {
                let mut tables = Vec::new();
                $(tables.extend(self.$name.iter().flat_map($name::Plan::tables));)*
                tables
            }

            /// The extractor in whose name it is told that a file cannot be decoded or parsed: the first that is
            /// needed, so that it is told once.
            pub(crate) fn key(&self) -> &'static str {
                $(if self.$name.is_some() {
                    return $name::KEY;
                })*
                // There is no plan without one of them.
                ""
            }
        }

        /// The rows of one file, by extractor.
        #[derive(Default)]
        pub(crate) struct Rows<'a> {
            $($name: Option<$name::Rows<'a>>,)*
        }

        /// The rows of many files, by extractor.
        pub(crate) struct Builders {
            $($name: Option<$name::Builders>,)*
        }

        impl Builders {
            pub(crate) fn new(plan: &Plan) -> Self {
                Self { $($name: plan.$name.as_ref().map($name::Builders::new),)* }
            }

            /// Adds the rows of a file.
            pub(crate) fn append(&mut self, file: $crate::table::FileKey<'_>, rows: Rows<'_>) {
                $(if let (Some(builders), Some(rows)) = (&mut self.$name, rows.$name) {
                    builders.append(file, rows);
                })*
            }

            /// A batch for each needed table.
            pub(crate) fn finish(
                &mut self,
                batches: &mut Vec<$crate::EvidenceBatch>,
            ) -> Result<(), arrow::error::ArrowError> {
                $(if let Some(builders) = &mut self.$name {
                    builders.finish(batches)?;
                })*
                Ok(())
            }
        }
    };
}

pub(super) use group;
