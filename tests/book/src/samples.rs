//! The samples of code on the book's pages, which the documentation's tests compile and run.

#[doc = include_str!("../../../docs/architecture.md")]
struct Architecture;

#[doc = include_str!("../../../docs/chapters/00-warm-up.md")]
struct WarmUp;

#[doc = include_str!("../../../docs/chapters/01-data-model.md")]
struct DataModel;

#[doc = include_str!("../../../docs/chapters/02-election.md")]
struct Election;

#[doc = include_str!("../../../docs/chapters/03-replication.md")]
struct Replication;

#[doc = include_str!("../../../docs/chapters/04-commitment.md")]
struct Commitment;

#[doc = include_str!("../../../docs/chapters/05-persistence.md")]
struct Persistence;

#[doc = include_str!("../../../docs/chapters/06-snapshots.md")]
struct Snapshots;

#[doc = include_str!("../../../docs/chapters/07-membership.md")]
struct Membership;
