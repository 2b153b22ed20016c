using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Emulation;
using TcpAo.Linux.Seccomp;
using Xunit;

namespace TcpAo.Hosting.Tests.Emulation;

/// <summary>Whose programs a daemon serves, how many of them, and where.</summary>
public sealed class ProgramAccessTests
{
    [Fact]
    public void Access_IsOfAGroupOrOfEverybody()
    {
        Assert.False(ProgramAccess.Nobody.Admits([0, 1]));
        Assert.True(new ProgramAccess(true, null).Admits([]));
        Assert.True(new ProgramAccess(false, 7).Admits([1, 7]));
        Assert.False(new ProgramAccess(false, 7).Admits([1, 2]));
    }

    [Fact]
    public void Share_OfAUser_EndsAtItsLimits()
    {
        var share = new ProgramShare();
        Assert.All(Enumerable.Range(0, ProgramShare.MaxPrograms), _ => Assert.True(share.TryAddProgram()));
        Assert.False(share.TryAddProgram());
        share.RemoveProgram();
        Assert.True(share.TryAddProgram());
        Assert.All(Enumerable.Range(0, ProgramShare.MaxSockets), _ => Assert.True(share.TryAddSocket()));
        Assert.False(share.TryAddSocket());
        share.RemoveSocket();
        Assert.True(share.TryAddSocket());
    }

    [Fact]
    public void Socket_UnlessItIsNamed_IsWhereTheDaemonPutsIt() => Assert.Equal(ProgramLink.PathBeside(ProtectedHostOptions.DefaultStatePath()), ProgramLink.DefaultPath());
}
