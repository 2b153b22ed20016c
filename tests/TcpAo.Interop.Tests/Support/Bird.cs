using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>A BIRD that runs, with TCP-AO of its own kernel or of <c>tcpao exec</c>.</summary>
internal abstract class Bird
{
    /// <summary>What <c>birdc</c> says, with | for line ends.</summary>
    public abstract string Command(string command);

    /// <summary>Takes another configuration, without a restart.</summary>
    public void Reconfigure(string configuration)
    {
        WriteConfiguration(configuration);
        string said = Command("configure");

        // where a session ends by it, the rest comes when that is done
        Assert.True(said.Contains("Reconfigured", StringComparison.Ordinal) || said.Contains("Reconfiguration in progress", StringComparison.Ordinal), said);
    }

    public BirdProtocol Protocol(string name) => BirdProtocol.Parse(Command($"show protocols {name}").Split('|').Single(line => line.StartsWith(name, StringComparison.Ordinal)));

    public void WaitUntilItHas(string route) => Until.True(() => Command("show route").Contains(route, StringComparison.Ordinal), () => $"BIRD has {route}");

    public void WaitUntilItSignsWith(int id, string protocol)
    {
        string[] lines = [];
        Until.True(
            () => (lines = Command($"show protocols all {protocol}").Split('|')).Any(line => line.Contains("Current key:", StringComparison.Ordinal) && line.EndsWith($" {id}", StringComparison.Ordinal)),
            () => $"BIRD signs with key {id}, but:\n{string.Join('\n', lines)}");
    }

    protected abstract void WriteConfiguration(string configuration);
}
