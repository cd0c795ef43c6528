//! Drives a [`Joiner`] with the batches of its inputs.

use std::task::Poll;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::{JoinSide, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, Gauge, MetricBuilder,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, stream};

use super::joiner::{Joiner, Step};

/// What a partition of the join reports about itself.
pub(super) struct JoinMetrics {
    baseline: BaselineMetrics,
    input_batches: Count,
    input_rows: Count,
    /// Bytes.
    peak_memory: Gauge,
}

impl JoinMetrics {
    pub(super) fn new(metrics: &ExecutionPlanMetricsSet, partition: usize) -> Self {
        Self {
            baseline: BaselineMetrics::new(metrics, partition),
            input_batches: MetricBuilder::new(metrics).counter("input_batches", partition),
            input_rows: MetricBuilder::new(metrics).counter("input_rows", partition),
            peak_memory: MetricBuilder::new(metrics).peak_memory_usage("peak_mem_used", partition),
        }
    }
}

struct Driver {
    joiner: Joiner,
    left: SendableRecordBatchStream,
    right: SendableRecordBatchStream,
    metrics: JoinMetrics,
}

/// The stream of the join's batches; it ends at the first error.
pub(super) fn join_stream(
    schema: SchemaRef,
    joiner: Joiner,
    left: SendableRecordBatchStream,
    right: SendableRecordBatchStream,
    metrics: JoinMetrics,
) -> SendableRecordBatchStream {
    let driver = Driver { joiner, left, right, metrics };
    let batches = stream::try_unfold(driver, |mut driver| async move {
        let batch = driver.next_batch().await?;
        Ok(batch.map(|batch| (batch, driver)))
    });
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

impl Driver {
    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            match self.step()? {
                Step::Batch(batch) => {
                    self.metrics.baseline.record_output(batch.num_rows());
                    return Ok(Some(batch));
                }
                Step::Feed(side) => {
                    let input = match side {
                        JoinSide::Left => &mut self.left,
                        JoinSide::Right | JoinSide::None => &mut self.right,
                    };
                    let batch = input.next().await.transpose()?;
                    self.feed(side, batch)?;
                }
                Step::Yield => yield_now().await,
                Step::Done => {
                    self.metrics.baseline.done();
                    return Ok(None);
                }
            }
        }
    }

    fn step(&mut self) -> Result<Step> {
        let _timer = self.metrics.baseline.elapsed_compute().timer();
        self.joiner.step()
    }

    fn feed(&mut self, side: JoinSide, batch: Option<RecordBatch>) -> Result<()> {
        if let Some(batch) = &batch {
            self.metrics.input_batches.add(1);
            self.metrics.input_rows.add(batch.num_rows());
        }
        let _timer = self.metrics.baseline.elapsed_compute().timer();
        let fed = self.joiner.feed(side, batch);
        self.metrics.peak_memory.set_max(self.joiner.reserved());
        fed
    }
}

/// Lets other tasks of the thread run, and the query be cancelled.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
