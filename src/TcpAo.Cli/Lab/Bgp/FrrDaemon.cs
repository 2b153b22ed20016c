using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace TcpAo.Cli.Lab.Bgp;

/// <summary>FRR's bgpd, without the other daemons of FRR.</summary>
internal sealed class FrrDaemon(DaemonFiles files, BgpEnd end) : BgpDaemon(files, end)
{
    public override bool HasRoute(string prefix) => Ask("show bgp ipv4 unicast").Contains(prefix, StringComparison.Ordinal);

    protected override bool ReadIsUp() => Ask("show bgp summary json").Contains("\"Established\"", StringComparison.Ordinal);

    protected override string Configuration() => $"""
        router bgp {End.As}
         bgp router-id {End.Host.V4}
         no bgp ebgp-requires-policy
         no bgp network import-check
         timers bgp 1 3
         neighbor {End.Peer.V4} remote-as {End.PeerAs}
         neighbor {End.Peer.V4} timers connect 1
         address-family ipv4 unicast
          network {End.Route}
         exit-address-family

        """;

    protected override ProcessStartInfo StartInfo() => Files.Start(
        "bgpd", "-Z", "-f", ConfigurationPath, "-i", Path.Combine(End.Folder, "pid"), "-u", "root", "-g", "root", "--vty_socket", End.Folder, "-P", "0", "--log", "stdout");

    /// <summary>Its terminal socket: a command and a zero byte go in, text and three zero bytes and a result come back.</summary>
    private string Ask(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = LabWait.Milliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(End.Folder, "bgpd.vty")));
        }
        catch (SocketException)
        {
            // not yet
            return string.Empty;
        }

        Ask(socket, "enable");
        return Ask(socket, command);
    }

    private static string Ask(Socket socket, string command)
    {
        socket.Send(Encoding.ASCII.GetBytes(command + '\0'));
        var answer = new List<byte>();
        byte[] buffer = new byte[4096];
        while (answer.Count < 4 || answer[^2] != 0 || answer[^3] != 0 || answer[^4] != 0)
        {
            int received = socket.Receive(buffer);
            if (received == 0)
            {
                break;
            }

            answer.AddRange(buffer.AsSpan(0, received));
        }

        return Encoding.ASCII.GetString([.. answer]);
    }
}
