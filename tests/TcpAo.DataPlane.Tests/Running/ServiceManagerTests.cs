using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/guide/systemd.md: what a service manager is told, and when.</summary>
public sealed class ServiceManagerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Manager_IsToldOfReadinessHeartbeatsReloadAndEnd(bool isAbstract)
    {
        using var lab = new Lab();
        Peering[] peerings = [new Peering(Lab.Port, new Key(1, 2))];
        lab.Configure(peerings);
        using ServiceManager manager = isAbstract ? ServiceManager.Abstract(lab.A) : ServiceManager.At(Path.Combine(Path.GetDirectoryName(lab.RunA.ConfigurationPath)!, "notify"));
        lab.RunA.Environment["NOTIFY_SOCKET"] = manager.Address;
        lab.RunA.Environment["WATCHDOG_USEC"] = "1000000";
        lab.RunA.Start();

        Assert.Equal("READY=1\nSTATUS=protecting 2 peers", manager.WaitFor("READY"));
        Assert.True(lab.RunA.Show().GetProperty("rules").GetProperty("intact").GetBoolean());
        manager.WaitFor("WATCHDOG=1");
        manager.WaitFor("WATCHDOG=1");

        lab.RunA.Reload(null);
        string reloading = manager.WaitFor("RELOADING=1");
        Assert.InRange(long.Parse(reloading.Split('=')[^1]), 1, Environment.TickCount64 * 1000L + 1_000_000);
        manager.WaitFor("READY=1");

        // one that is refused is over too
        lab.RunA.Reload("nonsense", "is not in force");
        lab.Configure(peerings);
        Assert.Equal(0, lab.RunA.Ask("reload").ExitCode);
        manager.WaitFor("RELOADING=1");
        manager.WaitFor("READY=1");
        Assert.Equal(0, lab.RunA.Terminate());
        manager.WaitFor("STOPPING=1");
    }
}
