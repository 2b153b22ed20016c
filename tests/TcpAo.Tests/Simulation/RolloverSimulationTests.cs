using System.Globalization;
using Xunit;

namespace TcpAo.Tests.Simulation;

/// <summary>
/// Chains of ten keys between two hosts whose clocks differ by as much as the accept tolerance: no segment is lost to a rollover. TCPAO_TEST_SEEDS says how many seeds
/// (10 000 take a minute), TCPAO_TEST_SEED runs one.
/// </summary>
public sealed class RolloverSimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 500;
    private const int First = 10_000_000;

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-046")]
    [Trait("Requirement", "R-121")]
    [Trait("Requirement", "R-122")]
    [Trait("Requirement", "R-123")]
    public void Rollover_OfTenKeysWithClocksApartByTheTolerance_LosesNoSegment()
    {
        int? only = Number("TCPAO_TEST_SEED");
        int seeds = Number("TCPAO_TEST_SEEDS") ?? DefaultSeeds;
        long segments = 0;
        long lost = 0;
        long changes = 0;
        long connections = 0;
        for (int seed = only ?? First; seed < (only + 1 ?? First + seeds); seed++)
        {
            RolloverRun run = new(new Random(seed));
            string? fault = run.Run();
            Assert.True(fault is null, $"TCPAO_TEST_SEED={seed}: {fault}");
            segments += run.Segments;
            lost += run.LostByNetwork;
            changes += run.KeyChanges;
            connections += run.Connections;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{seeds} seeds: {segments} segments, {lost} lost by the network, 0 by a rollover, {changes} changes of current_key, {connections} further connections"));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
