//! The rounds of a fixpoint.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt as _;

use super::exec::MemberPlans;
use super::member::Member;
use super::reuse::{fresh, renewed};
use super::rows::{Store, bound};

/// A fixpoint that is being computed.
pub(super) struct Rounds {
    context: Arc<TaskContext>,
    store: Arc<Store>,
    members: Vec<Member>,
    first: Vec<Evaluated>,
    further: Vec<Evaluated>,
    /// Held for the inputs' rows.
    inputs: MemoryReservation,
}

/// A rule of this run.
struct Evaluated {
    /// The view whose rows it gives.
    gives: usize,
    /// The view whose newest rows it reads.
    reads: Option<usize>,
    plan: Arc<dyn ExecutionPlan>,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) rounds: u32,
    /// Whether another round would have found more.
    pub(super) cut_off: bool,
    pub(super) store: Arc<Store>,
    /// Held as long as the rows are.
    pub(super) reservations: Vec<Member>,
}

impl Rounds {
    pub(super) fn new(
        inputs: usize,
        plans: &[MemberPlans],
        context: Arc<TaskContext>,
    ) -> Result<Self> {
        let store = Arc::new(Store::new(inputs, plans.len()));
        let pool = context.memory_pool();
        let batch_rows = context.session_config().batch_size();
        let mut members = Vec::with_capacity(plans.len());
        let (mut first, mut further) = (Vec::new(), Vec::new());
        for (gives, plans) in plans.iter().enumerate() {
            let name = format!("Fixpoint view {gives}");
            members.push(Member::new(&name, Arc::clone(&plans.schema), batch_rows, pool)?);
            for plan in &plans.first {
                let plan = bound(fresh(plan)?, &store)?;
                first.push(Evaluated { gives, reads: None, plan });
            }
            for rule in &plans.further {
                let plan = bound(fresh(&rule.plan)?, &store)?;
                further.push(Evaluated { gives, reads: Some(rule.reads), plan });
            }
        }
        let inputs = MemoryConsumer::new("Fixpoint inputs").register(pool);
        Ok(Self { context, store, members, first, further, inputs })
    }

    /// Reads an input into memory.
    pub(super) async fn read(
        &mut self,
        number: usize,
        input: &Arc<dyn ExecutionPlan>,
    ) -> Result<()> {
        let mut rows: Vec<RecordBatch> = Vec::new();
        let mut batches = input.execute(0, Arc::clone(&self.context))?;
        while let Some(batch) = batches.next().await.transpose()? {
            if batch.num_rows() > 0 {
                self.inputs.try_grow(batch.get_array_memory_size())?;
                rows.push(batch);
            }
        }
        self.store.set_input(number, rows)
    }

    /// Goes through the rounds.
    pub(super) async fn run(mut self, limit: u32) -> Result<Ended> {
        let first = std::mem::take(&mut self.first);
        self.evaluate(&first, None, false).await?;
        drop(first);
        let further = std::mem::take(&mut self.further);
        let mut rounds = 1;
        let mut cut_off = false;
        loop {
            let newest = self.end_round()?;
            if !newest.contains(&true) {
                break;
            }
            if rounds == limit {
                cut_off = self.evaluate(&further, Some(&newest), true).await?;
                break;
            }
            self.evaluate(&further, Some(&newest), false).await?;
            rounds += 1;
        }
        Ok(Ended { rounds, cut_off, store: self.store, reservations: self.members })
    }

    /// For each view, whether the round found anything of it.
    fn end_round(&mut self) -> Result<Vec<bool>> {
        let members = self.members.iter_mut().enumerate();
        members
            .map(|(number, member)| self.store.update(number, |found| member.end_round(found)))
            .collect()
    }

    /// Evaluates rules, but those that would read nothing; whether they find anything. To know that, the first new row
    /// is enough.
    async fn evaluate(
        &mut self,
        rules: &[Evaluated],
        newest: Option<&[bool]>,
        until_new: bool,
    ) -> Result<bool> {
        let mut found = false;
        for rule in rules {
            let idle = rule
                .reads
                .zip(newest)
                .is_some_and(|(reads, newest)| newest.get(reads).is_none_or(|found| !found));
            if idle {
                continue;
            }
            let Some(member) = self.members.get_mut(rule.gives) else {
                return internal_err!("a fixpoint has no view {}", rule.gives);
            };
            let plan = renewed(&rule.plan)?;
            let mut batches = plan.execute(0, Arc::clone(&self.context))?;
            while let Some(batch) = batches.next().await.transpose()? {
                found |= member.add(&batch)?;
                if found && until_new {
                    return Ok(true);
                }
            }
        }
        Ok(found)
    }
}
