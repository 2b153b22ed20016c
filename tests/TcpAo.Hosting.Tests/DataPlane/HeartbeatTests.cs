using TcpAo.Hosting.DataPlane;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

public sealed class HeartbeatTests
{
    [Fact]
    public void Beat_WhenOneLoopHangs_StopsForAll()
    {
        int beats = 0;
        var heart = new Heartbeat(3, () => beats++);
        for (int i = 0; i < 100; i++)
        {
            heart.Beat(0);
            heart.Beat(2);
        }

        Assert.Equal(0, beats);
        heart.Beat(1);
        Assert.Equal(1, beats);
        heart.Beat(1);
        heart.Beat(2);
        Assert.Equal(1, beats);
        heart.Beat(0);
        Assert.Equal(2, beats);
    }
}
