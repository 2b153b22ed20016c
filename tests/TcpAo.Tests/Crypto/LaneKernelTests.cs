using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Crypto;

/// <summary>The written-out kernels are what their generator writes.</summary>
public sealed class LaneKernelTests
{
    [Fact]
    public void Kernels_InTheRepository_AreGenerated()
    {
        foreach ((string name, string text) in LaneKernelGenerator.Files())
        {
            Golden.Match(text, $"src/TcpAo/Crypto/Batch/{name}");
        }
    }
}
