using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>FRR's bgpd in a network namespace: a daemon that knows nothing of TCP-AO.</summary>
internal sealed class Frr
{
    private readonly string _space;
    private readonly string _folder;

    /// <param name="programs">Ends it.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="configuration">bgpd.conf.</param>
    /// <param name="more">More arguments.</param>
    public Frr(Programs programs, string space, string folder, string configuration, params string[] more)
    {
        _space = space;
        _folder = Directory.CreateDirectory(Path.Combine(folder, "frr")).FullName;
        Directory.CreateDirectory(Path.Combine(_folder, "vty"));
        File.WriteAllText(Path.Combine(_folder, "bgpd.conf"), configuration);

        // without zebra: routes are exchanged and not installed
        programs.Start(
            Log,
            "ip",
            Daemons.Command(
                space, _folder, ["/usr/lib/frr/bgpd", "-n", "-Z", "-S", "-u", "root", "-g", "root", "-P", "0", "-f", "/mnt/bgpd.conf", "-i", "/run/frr/bgpd.pid", "--vty_socket", "/mnt/vty", "--log", "stdout", .. more]));
        Until.True(() => File.Exists(Path.Combine(_folder, "vty", "bgpd.vty")), () => "bgpd takes commands");
    }

    /// <summary>What bgpd tells.</summary>
    public Lines Log { get; } = new("bgpd");

    /// <summary>Runs commands as <c>vtysh -c</c> does.</summary>
    public string Vtysh(params string[] commands)
    {
        string[] words = ["/usr/bin/vtysh", "--vty_socket", "/mnt/vty", .. commands.SelectMany(command => (string[])["-c", command])];
        ProcessStartInfo start = new("ip", Daemons.Command(_space, _folder, words)) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }

    public FrrNeighbor Neighbor(string address)
    {
        using JsonDocument document = JsonDocument.Parse(Vtysh($"show bgp neighbors {address} json"));
        JsonElement neighbor = document.RootElement.GetProperty(address);
        return new FrrNeighbor(
            neighbor.GetProperty("bgpState").GetString()!, neighbor.GetProperty("connectionsEstablished").GetInt32(), neighbor.GetProperty("connectionsDropped").GetInt32());
    }
}
