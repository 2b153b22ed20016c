using System.CommandLine;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet</c>: key chains of many hosts in a key store (docs/guide/fleet.md).</summary>
internal sealed class FleetCommand : Command
{
    public FleetCommand(Func<Stream> openOutput)
        : base("fleet", "Key chains of many hosts in a key store: put them there, see how far each host is, roll them over together")
    {
        Add(new FleetStatusCommand(openOutput));
        Add(new FleetPushCommand());
        Add(new FleetHostsCommand());
        Add(new FleetRolloverCommand(openOutput));
        Add(new FleetRewrapCommand());
    }
}
