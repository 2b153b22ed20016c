using System.Globalization;
using System.Net;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>A lab whose hosts run <c>tcpao run</c> with one peer, and which serves programs of every user, or of nobody.</summary>
internal sealed class ServedLab : IDisposable
{
    public ServedLab(bool open)
    {
        Lab = new Lab();
        try
        {
            Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv is not installed");
            string access = open ? "exec: { group: any }\n" : string.Empty;
            Lab.RunA.Write(Configuration(Lab.B4, isMirrored: false, access));
            Lab.RunB.Write(Configuration(Lab.A4, isMirrored: true, access));
            Lab.Start();

            // what users reach
            foreach (string folder in (string[])[Path.GetDirectoryName(Lab.RunA.ConfigurationPath)!, Path.GetDirectoryName(Lab.RunA.StatePath)!])
            {
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
            }
        }
        catch
        {
            Lab.Dispose();
            throw;
        }
    }

    public Lab Lab { get; }

    public Host A => Lab.A;

    public Host B => Lab.B;

    public string PathOfA => Path.ChangeExtension(Lab.RunA.StatePath, ".exec");

    private string PathOfB => Path.ChangeExtension(Lab.RunB.StatePath, ".exec");

    /// <summary>A program of a user without any capability.</summary>
    public ExecProgram StartA(int user = 65534, params string[] options) => ExecProgram.StartAs(A, AsUser(user), ["--daemon", PathOfA, .. options]);

    public ExecProgram StartB(int user = 65534, params string[] options) => ExecProgram.StartAs(B, AsUser(user), ["--daemon", PathOfB, .. options]);

    public static string[] AsUser(int user)
    {
        string id = user.ToString(CultureInfo.InvariantCulture);
        return ["setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"];
    }

    /// <summary>One peer at one port, at either end.</summary>
    public static string Configuration(IPAddress peer, bool isMirrored, string access, params int[] more)
    {
        (int sendId, int receiveId, string end) = isMirrored ? (84, 61, "local") : (61, 84, "remote");
        int[] ports = [1790, .. more];
        string peers = string.Concat(ports.Select(port => $"  - {{ name: p{port}, remote: {peer}, {end}-port: {port}, key-chain: c }}\n"));
        return $$"""
            {{access}}key-chains:
              - name: c
                keys:
                  - { id: 1, send-id: {{sendId}}, recv-id: {{receiveId}}, secret: "of the policy" }
            peers:
            {{peers}}
            """;
    }

    public void Dispose() => Lab.Dispose();
}
