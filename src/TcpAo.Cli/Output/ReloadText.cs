using System.Text;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Cli.Output;

/// <summary>A reload's changes as lines.</summary>
internal static class ReloadText
{
    public static void Write(ReloadPlan plan, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        WriteChanges(writer, "peer", plan.Peers);
        WriteChanges(writer, "key chain", plan.KeyChains);
        foreach (ReloadEffect effect in plan.Connections)
        {
            writer.WriteLine($"connection {effect.Local} - {effect.Remote} ({effect.Peer}): {effect.Effect}: {effect.Detail}");
        }

        int cut = plan.Connections.Count(effect => string.Equals(effect.Effect, "cut", StringComparison.Ordinal));
        writer.WriteLine((plan.IsEmpty, plan.InForce) switch
        {
            (true, true) => $"{plan.Configuration} is in force; it changes nothing",
            (false, true) => $"{plan.Configuration} is in force; {cut} connections were cut",
            (true, false) => $"{plan.Configuration} would change nothing",
            (false, false) => $"{plan.Configuration} is not in force yet; it would cut {cut} connections",
        });
    }

    private static void WriteChanges(StreamWriter writer, string what, IEnumerable<ReloadChange> changes)
    {
        foreach (ReloadChange change in changes)
        {
            writer.WriteLine($"{what} {change.Name}: {change.Change}{(change.Details.IsEmpty ? string.Empty : $": {string.Join("; ", change.Details)}")}");
        }
    }
}
