using System.Net.Sockets;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>One link-local address on two interfaces (RFC 4007), or one address in two VRFs, is two peers, with keys and connections of their own.</summary>
public abstract class TwinPeersTests(Twins kind)
{
    [Fact]
    [Trait("Requirement", "R-011")]
    [Trait("Requirement", "R-021")]
    [Trait("Requirement", "R-090")]
    public void Sessions_EqualButForTheInterface_AreSignedWithTheirOwnKeysAndOutliveARestart()
    {
        using var lab = new TwinPeersLab(kind);
        lab.Start();
        (Socket near, Socket far) left = lab.Open(TwinPeersLab.Left);
        using Socket leftNear = left.near;
        using Socket leftFar = left.far;
        (Socket near, Socket far) right = lab.Open(TwinPeersLab.Right);
        using Socket rightNear = right.near;
        using Socket rightFar = right.far;
        Exchange(left, right);

        JsonElement[] shown = [.. lab.RunA.Show().GetProperty("connections").EnumerateArray()];
        Assert.Equal(["left", "right"], shown.Select(connection => Text(connection, "peer")).Order(StringComparer.Ordinal));
        Assert.Single(shown.Select(connection => Text(connection, "local")).Distinct(StringComparer.Ordinal));
        Assert.Equal(lab.IsVrf ? 1 : 2, shown.Select(connection => Text(connection, "remote")).Distinct(StringComparer.Ordinal).Count());

        foreach (TcpaoProcess one in (TcpaoProcess[])[lab.RunA, lab.RunB, lab.RunA, lab.RunC])
        {
            one.Kill();
            one.StartAndWait();
            Assert.Contains($"{(one == lab.RunA ? 2 : 1)} connections continue", one.Log, StringComparison.Ordinal);
            Exchange(left, right);
        }

        // the end of one socket is the end of one connection
        rightFar.Dispose();
        rightNear.Dispose();
        Wait.Until(() => lab.RunA.Show().GetProperty("connections").EnumerateArray().All(connection =>
            Text(connection, "peer") is "left" ? Text(connection, "state") is "synchronized" : Text(connection, "state") is "closed"), "the right connection alone was closed");
        Session.Exchange(leftNear, leftFar);
        lab.AssertSigned(TwinPeersLab.Left, TwinPeersLab.LeftKeys);
        lab.AssertSigned(TwinPeersLab.Right, TwinPeersLab.RightKeys);
    }

    [Fact]
    [Trait("Requirement", "R-011")]
    public void Interface_ThatComesLaterAndComesAgain_IsProtectedEachTime()
    {
        using var lab = new TwinPeersLab(kind, withRight: false);
        lab.Start();
        Assert.Contains($"peer right: there is no interface {lab.ScopeOf(TwinPeersLab.Right)}", lab.RunA.Log, StringComparison.Ordinal);
        (Socket near, Socket far) left = lab.Open(TwinPeersLab.Left);
        using Socket leftNear = left.near;
        using Socket leftFar = left.far;
        for (int round = 1; round <= 2; round++)
        {
            lab.ConnectRight();
            lab.RunA.WaitFor($"interface {lab.ScopeOf(TwinPeersLab.Right)} is there", round);

            // the other end knows nothing of the end of the one before
            (Socket near, Socket far) right = lab.Open(TwinPeersLab.Right, TwinPeersLab.ClientPort + round);
            using Socket rightNear = right.near;
            using Socket rightFar = right.far;
            Exchange(left, right);
            lab.DisconnectRight();
            lab.RunA.WaitFor($"interface {lab.ScopeOf(TwinPeersLab.Right)} is gone", round);
        }

        lab.AssertSigned(TwinPeersLab.Left, TwinPeersLab.LeftKeys);
        lab.AssertSigned(TwinPeersLab.Right, TwinPeersLab.RightKeys);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Reload_AddsThePeerOfOneInterface_CutsTheUnprotectedSessionOfThatOneAlone()
    {
        using var lab = new TwinPeersLab(kind);
        lab.RunA.Write(lab.Configuration((TwinPeersLab.Left, TwinPeersLab.LeftKeys)));
        lab.RunA.StartAndWait();
        lab.RunB.StartAndWait();
        (Socket near, Socket far) left = lab.Open(TwinPeersLab.Left);
        using Socket leftNear = left.near;
        using Socket leftFar = left.far;
        (Socket near, Socket far) right = lab.Open(TwinPeersLab.Right);
        using Socket rightNear = right.near;
        using Socket rightFar = right.far;
        Exchange(left, right);
        Assert.DoesNotContain(lab.RightTap.OfPort(Lab.Port), segment => segment.HasAo);

        lab.RunA.Reload(lab.Configuration((TwinPeersLab.Left, TwinPeersLab.LeftKeys), (TwinPeersLab.Right, TwinPeersLab.RightKeys)));
        Assert.Contains("was there without protection, and is cut: peer right must be protected", lab.RunA.Log, StringComparison.Ordinal);
        Assert.Throws<SocketException>(() => rightNear.Receive(new byte[1]));
        Session.Exchange(leftNear, leftFar);
        lab.AssertSigned(TwinPeersLab.Left, TwinPeersLab.LeftKeys);
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Interface_ThatBecomesThePeers_LetsNothingUnsignedOut()
    {
        const int Rounds = 6;
        using var lab = new TwinPeersLab(kind);
        lab.Start();
        for (int round = 0; round < Rounds; round++)
        {
            lab.MoveRightAway();
            (Socket near, Socket far) = lab.MoveRightBackAndOpen();
            using Socket ownNear = near;
            using Socket ownFar = far;
            Session.Exchange(near, far);
        }

        lab.AssertSigned(TwinPeersLab.Right, TwinPeersLab.RightKeys);
    }

    private static void Exchange((Socket Near, Socket Far) left, (Socket Near, Socket Far) right)
    {
        // both on their way at once
        byte[] toLeft = Session.Post(left.Near);
        byte[] toRight = Session.Post(right.Near);
        byte[] fromLeft = Session.Post(left.Far);
        byte[] fromRight = Session.Post(right.Far);
        Session.AssertArrived(left.Far, toLeft);
        Session.AssertArrived(right.Far, toRight);
        Session.AssertArrived(left.Near, fromLeft);
        Session.AssertArrived(right.Near, fromRight);
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
