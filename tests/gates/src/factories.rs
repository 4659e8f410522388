//! What makes the servers that a module's scenarios run on.

use std::sync::Arc;

use course::ExerciseId;
use simulator::NodeFactory;

/// Makes servers with the rules of all exercises up to and including this one.
pub type NodeFactories = Arc<dyn Fn(ExerciseId) -> NodeFactory + Send + Sync>;
