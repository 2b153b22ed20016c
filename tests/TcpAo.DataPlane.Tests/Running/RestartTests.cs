using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>A transfer outlives its protectors, however often they are killed.</summary>
public sealed class RestartTests
{
    private const int Restarts = 100;
    private const int Piece = 64 * 1024;

    [Fact]
    [Trait("Requirement", "R-089")]
    [Trait("Requirement", "R-090")]
    public void Transfer_ProtectorsKilledAHundredTimes_LosesNothingAndNothingLeavesUnsigned()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, new Key(1, 2)));
        using Session session = Session.Open(lab);
        long arrived = 0;
        bool isOver = false;
        Task transfer = Task.Factory.StartNew(
            () =>
            {
                // both ways, each piece compared
                while (!Volatile.Read(ref isOver))
                {
                    session.Exchange(Piece);
                    Interlocked.Add(ref arrived, Piece);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (int restart = 0; restart < Restarts; restart++)
        {
            TcpaoProcess one = restart % 2 == 0 ? lab.RunA : lab.RunB;
            one.Kill();
            one.StartAndWait();
            long before = Interlocked.Read(ref arrived);
            Wait.Until(
                () => Interlocked.Read(ref arrived) > before || transfer.IsCompleted,
                $"bytes arrived after restart {restart}; A said:\n{lab.RunA.Log}\nB said:\n{lab.RunB.Log}\n");
        }

        Volatile.Write(ref isOver, true);
        Wait.For(transfer);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
    }
}
