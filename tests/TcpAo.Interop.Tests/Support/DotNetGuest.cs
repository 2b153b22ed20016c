using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>A kernel with TCP-AO that runs programs of this repository, which are .NET's; started once for all tests of a class.</summary>
public sealed class DotNetGuest : IDisposable
{
    private const string Variable = "TCPAO_TEST_PEER";
    private const int Memory = 1500;

    private readonly string _missing;
    private readonly Programs? _programs;
    private readonly Guest? _guest;

    public DotNetGuest()
    {
        string peer = Environment.GetEnvironmentVariable(Variable) ?? "";
        _missing = peer.Length == 0 ? $"{Variable} does not name the folder of a Linux kernel with TCP-AO (run-uml.sh)"
            : !Environment.IsPrivilegedProcess ? "a network namespace needs root"
            : "";
        if (_missing.Length > 0)
        {
            return;
        }

        string folder = Directory.CreateTempSubdirectory("tcpao-interop-").FullName;
        string space = $"tcpao-dotnet-{Environment.ProcessId}";
        _programs = new Programs();
        try
        {
            _programs.AtEnd($"rm -rf {folder}");
            _programs.AtEnd($"ip netns del {space}");
            _guest = new Guest(_programs, peer, folder, space, share => DotNetTree.Make(share, "TcpAo.Linux.Tests", "SocketEcho", "KestrelOverTcpAo"), Memory);
            _guest.Start("sh /share/mount.sh").WaitForEnd();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts a program and waits until it listens on a port, if there is one.</summary>
    internal Guest.GuestProgram Start(string program, string arguments, int port = 0)
    {
        Assert.SkipUnless(_missing.Length == 0, _missing);
        return _guest!.Start($"sh /share/dotnet.sh {program} {arguments}", port);
    }

    public void Dispose() => _programs?.Dispose();
}
