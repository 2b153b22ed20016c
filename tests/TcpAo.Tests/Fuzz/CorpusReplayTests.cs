using TcpAo.Fuzz;
using Xunit;

namespace TcpAo.Tests.Fuzz;

/// <summary>The fuzz targets over their corpus, and over mutations of it that are the same each time.</summary>
public sealed class CorpusReplayTests
{
    private const int Mutations = 2000;
    private const int Seed = 20_261_120;

    private static readonly string s_corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static TheoryData<string> Names => [.. FuzzTargets.Create().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Target_SeedsAndCorpusAndMutations_PromisesHold(string name)
    {
        IFuzzTarget target = FuzzTargets.Create().Single(target => string.Equals(target.Name, name, StringComparison.Ordinal));
        (string Name, byte[] Bytes)[] files = [.. Corpus.Read(s_corpus, name)];
        Assert.NotEmpty(files);
        TargetRunner runner = new(target);
        foreach ((string file, byte[] bytes) in files)
        {
            Exception? finding = Record.Exception(() => runner.RunBothSides(bytes));
            Assert.True(finding is null, $"{file}: {finding}");
        }

        byte[][] seeds = [.. target.Seeds, .. files.Select(file => file.Bytes)];
        foreach (byte[] seed in seeds)
        {
            runner.RunBothSides(seed);
        }

        runner.RunMutations(seeds, Mutations, Seed);
    }

    [Fact]
    public void Corpus_EveryFolder_BelongsToATarget()
    {
        string[] folders = [.. Directory.EnumerateDirectories(s_corpus).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        Assert.Equal(FuzzTargets.Create().Select(target => target.Name).Order(StringComparer.Ordinal), folders);
    }
}
