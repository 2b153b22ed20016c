using System.Text.RegularExpressions;
using TcpAo.Capture;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>The guide that protects an FRR session, followed by copy and paste.</summary>
public sealed class GuideTests
{
    [Fact]
    public void FrrGuide_FollowedAsWritten_ProtectsTheSessionAndChangesItsKey()
    {
        BgpLab.SkipUnlessThere();
        using BgpLab lab = new(folder => Shell(folder, "secret"), Block("tcpao.yaml"), Block("bird.conf"), Block("bgpd.conf"));
        lab.WaitUntilUp();
        lab.Run.Log.WaitFor(": protected, key id 1");
        lab.WaitUntilBirdHas(lab.RouteOfFrr);
        lab.WaitUntilFrrHas(lab.RouteOfBird);
        (BirdProtocol bird, FrrNeighbor frr) = (lab.Bird.Protocol(BgpLab.Protocol), lab.Neighbor);

        lab.Bird.Reconfigure(BirdWith("bird keys 2"));
        Shell(Path.GetDirectoryName(lab.Run.ConfigurationPath)!, "secret 2");
        lab.Run.Reload(Block("tcpao.yaml 2"));
        lab.Run.Log.WaitFor("asks the peer for key id 2 now");
        lab.WaitUntilBirdSignsWith(2);

        lab.Bird.Reconfigure(BirdWith("bird keys 3"));
        lab.Run.Log.WaitFor("signs with key id 2 now");

        lab.Bird.Reconfigure(BirdWith("bird keys 4"));
        lab.Run.Reload(Block("tcpao.yaml 4"));
        lab.Announce(lab.SecondRouteOfFrr);
        lab.WaitUntilBirdHas(lab.SecondRouteOfFrr);

        BirdProtocol now = lab.Bird.Protocol(BgpLab.Protocol);
        Assert.True(now.IsStill(bird), $"{bird} became {now}");
        Assert.Equal(frr, lab.Neighbor);
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid(Block("tcpao.yaml 2"));
        Assert.Equal((byte)1, wire[0].KeyId);
        Assert.Equal((byte)2, wire[^1].KeyId);
    }

    /// <summary>The block of code behind a mark.</summary>
    private static string Block(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TcpAo.slnx")))
        {
            folder = folder.Parent;
        }

        string guide = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "guide", "frr.md"));
        Match match = Regex.Match(guide, $"<!-- block: {Regex.Escape(name)} -->\n```[a-z]*\n(.*?)\n```", RegexOptions.Singleline);
        Assert.True(match.Success, $"the guide has no block '{name}'");
        return match.Groups[1].Value + "\n";
    }

    private static string BirdWith(string keys) => Regex.Replace(Block("bird.conf"), @"^ *keys \{.*\n", _ => Block(keys), RegexOptions.Multiline);

    /// <summary>Runs a block as root would, in a folder of the test's.</summary>
    private static void Shell(string folder, string block) => Programs.Run("sh", "-ec", Block(block).Replace("/etc/tcpao", folder, StringComparison.Ordinal));
}
