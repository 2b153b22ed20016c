using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.PublicApi;

/// <summary>What the package offers changes only together with a committed file, so that every change is seen.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_OfTheEngine_IsTheApprovedOne() =>
        Golden.Match(PublicSurface.Describe(typeof(AoEngine).Assembly), "tests/TcpAo.Tests/PublicApi/TcpAo.approved.txt");
}
