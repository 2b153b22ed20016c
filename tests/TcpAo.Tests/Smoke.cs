using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace TcpAo.Tests;

public sealed class Smoke
{
    [Fact]
    public void One() => Check.QuickThrowOnFailure(Prop.ForAll<int>(x => x + 0 == x));
}
