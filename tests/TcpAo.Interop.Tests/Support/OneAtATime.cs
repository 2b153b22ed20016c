using Xunit;

// each test has processes and a load of its own
[assembly: CollectionBehavior(DisableTestParallelization = true)]
